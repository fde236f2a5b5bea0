import type { Neighbour } from './vector-index.ts';

interface Ranked {
  readonly score: number;
  readonly row: number;
}

/** The best persons of one query; each stands in it once, by the best of their rows. */
export class PersonRanking {
  readonly #most: number;
  readonly #samePerson: (a: number, b: number) => boolean;
  readonly #ranked: Ranked[] = [];
  /** A row must score more than this to be worth offering. */
  floor: number;

  constructor(most: number, least: number, samePerson: (a: number, b: number) => boolean) {
    this.#most = most;
    this.#samePerson = samePerson;
    this.floor = belowOf(least);
  }

  offer(row: number, score: number): void {
    const ranked = this.#ranked;
    const same = ranked.findIndex((each) => this.#samePerson(each.row, row));
    const known = ranked[same];
    if (known && known.score >= score) return;
    if (known) ranked.splice(same, 1);
    else if (ranked.length === this.#most) ranked.pop();
    const place = ranked.findIndex((each) => each.score < score);
    ranked.splice(place === -1 ? ranked.length : place, 0, { score, row });
    const last = ranked.at(-1);
    if (last && ranked.length === this.#most) this.floor = Math.max(this.floor, last.score);
  }

  get best(): readonly Ranked[] {
    return this.#ranked;
  }
}

/** The next number below, so that a score of exactly `least` is above it. */
function belowOf(least: number): number {
  return least - Number.EPSILON * Math.max(1, Math.abs(least));
}

/** The best of several parts of a search. */
export function mergeNeighbours(
  parts: readonly (readonly Neighbour[])[],
  most: number,
): Neighbour[] {
  const best = new Map<string, Neighbour>();
  for (const neighbour of parts.flat()) {
    const known = best.get(neighbour.personId);
    if (!known || neighbour.similarity > known.similarity) best.set(neighbour.personId, neighbour);
  }
  return [...best.values()].toSorted((a, b) => b.similarity - a.similarity).slice(0, most);
}
