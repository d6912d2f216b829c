import { describe, expect, it } from 'vitest';
import { alive, check, config, service } from '../rules.ts';
import { give, incidents, order, pass, type World, world } from '../world.ts';

const restart = { kind: 'restart' };

/** Packs that were asked for: `api-7K3F-failing with commands`. */
function packs(w: World): readonly string[] {
  return w.actions.flatMap(({ action }) => {
    if (action.do === 'capture')
      return [`${action.evidence.split('-').at(-1)}${action.commands ? ' with commands' : ''}`];
    return action.do === 'operate' && action.evidence !== undefined ? ['before a repair'] : [];
  });
}

describe('evidence', () => {
  it('of an incident that nothing repairs is captured once, when it has become one', () => {
    const w = world(config([service('api', [check('responds')])]));
    w.look = () => 'failing';
    pass(w, 15_000);
    expect(packs(w)).toEqual([]);
    pass(w, 600_000);
    expect(packs(w)).toEqual(['failing with commands']);
    const [incident] = incidents(w);
    if (!incident) throw new Error('no incident');
    give(w, {
      type: 'evidence-captured',
      incident: incident.id,
      evidence: 'pack',
      summary: '9 exhibits captured',
    });
    expect(incidents(w)[0]).toMatchObject({ evidence: 'pack', evidenceSummary: '9 exhibits captured' });
  });

  it('of a warning is captured without the commands of the rule, and again when it fails', () => {
    const w = world(config([service('api', [check('responds')])]));
    let look: 'warning' | 'failing' = 'warning';
    w.look = () => look;
    pass(w, 60_000);
    expect(packs(w)).toEqual(['warning']);
    look = 'failing';
    pass(w, 60_000);
    look = 'warning';
    pass(w, 60_000);
    expect(packs(w)).toEqual(['warning', 'failing with commands']);
  });

  it('of a passive service, and where repairs are held back, is captured all the same', () => {
    const passive = world(config([service('api', [alive()], { mode: 'passive' })]));
    passive.look = () => 'gone';
    pass(passive, 60_000);
    expect(packs(passive)).toEqual(['failing with commands']);
    const silenced = world(config([service('api', [alive()])]));
    const blank = { services: [], checks: [], labels: {}, by: 'anna', comment: '', from: 0 };
    order(silenced, { do: 'silence', silence: { ...blank, until: silenced.now + 60_000, noRepair: true } });
    silenced.look = () => 'gone';
    pass(silenced, 55_000);
    expect(packs(silenced)).toEqual(['failing with commands']);
  });

  it('of what is repaired belongs to the repair, and of what could not be told there is none', () => {
    const w = world(config([service('api', [check('responds', { repair: [restart] })])]));
    w.look = () => 'failing';
    pass(w, 60_000);
    expect(new Set(packs(w))).toEqual(new Set(['before a repair']));
    const blind = world(config([service('api', [check('responds', { unknownAfter: 30_000 })])]));
    blind.look = () => 'unknown';
    pass(blind, 120_000);
    expect(incidents(blind)).toHaveLength(1);
    expect(packs(blind)).toEqual([]);
  });
});
