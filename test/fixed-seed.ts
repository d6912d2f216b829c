import fc from 'fast-check';

/**
 * Property tests try the same values in every run, so that a failure is one of the change at hand and can be seen again.
 * `FC_SEED=$RANDOM npm test` goes looking for new ones; what fails prints its seed.
 */
fc.configureGlobal({ seed: Number(process.env['FC_SEED'] ?? 20_261_121) });
