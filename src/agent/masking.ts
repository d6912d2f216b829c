import type { Judge } from '../engine/judge.ts';
import type { Redactor } from '../lib/redactor.ts';
import type { Judgement, ProbeResult } from '../model/reading.ts';
import type { Input } from '../model/step.ts';
import { redactValue } from '../telemetry/redact-value.ts';

/**
 * What probed services and managers echo may be what they were given in secret, and what is taken into the state is written
 * to the disk. So it is masked before; but judged is what was read.
 */
export interface Masking {
  mask(input: Input): Input;
  /** The judge for results that were masked here: it sees the real ones, what it says and remembers is masked. */
  judgeBy(judge: Judge): Judge;
}

/** Masks with `redact` as it is at each moment: it may follow the configuration. */
export function createMasking(redact: Redactor): Masking {
  const asRead = new WeakMap<ProbeResult, ProbeResult>();

  function maskResult(result: ProbeResult): ProbeResult {
    const { outcome } = result;
    // What a kind carries to its next probe and what it exhibits stay in memory, and are its own affair.
    if (outcome === 'read') return maskReading(result, result.reading);
    const reason = redact(result.reason);
    const said = reason === result.reason ? result : { ...result, reason };
    return said.outcome === 'failed' && said.reading !== undefined ? maskReading(said, said.reading) : said;
  }

  function maskReading<R extends ProbeResult>(result: R, reading: object): R {
    const masked = redactValue(reading, redact);
    return masked === reading ? result : { ...result, reading: masked };
  }

  return {
    mask(input) {
      if (input.type === 'observed') {
        const result = maskResult(input.result);
        if (result === input.result) return input;
        asRead.set(result, input.result);
        return { ...input, result };
      }
      if (input.type !== 'reported') return input;
      const { report } = input;
      const { detail, warnings } = report;
      const masked = redactValue({ detail, ...(warnings === undefined ? {} : { warnings }) }, redact);
      const same = masked.detail === detail && masked.warnings === warnings;
      return same ? input : { ...input, report: { ...report, ...masked } };
    },
    judgeBy: (judge) => (conditions, result, memory, at) => {
      const read = asRead.get(result);
      const judged = judge(conditions, read ?? result, memory, at);
      if (read === undefined) return judged;
      // Where no secret decides, it is said of what is masked already: a sentence that cuts a text may cut a secret.
      const said = judge(conditions, result, memory, at).judgement;
      return maskJudged(
        sameFindings(said, judged.judgement) ? { ...judged, judgement: said } : judged,
        redact,
      );
    },
  };
}

function sameFindings(a: Judgement, b: Judgement): boolean {
  return (
    a.verdict === b.verdict &&
    a.findings.length === b.findings.length &&
    a.findings.every(({ condition, level }, index) => {
      const other = b.findings[index];
      return condition === other?.condition && level === other.level;
    })
  );
}

/** The words of ours in it stay, whatever the secrets are. */
function maskJudged({ judgement, memory }: ReturnType<Judge>, redact: Redactor): ReturnType<Judge> {
  const { verdict, summary, findings } = judgement;
  const masked = findings.map((finding) => ({ ...redactValue(finding, redact), level: finding.level }));
  return {
    judgement: { verdict, summary: redact(summary), findings: masked },
    memory: redactValue(memory, redact),
  };
}
