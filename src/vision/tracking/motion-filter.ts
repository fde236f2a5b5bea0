/**
 * Noise as shares of the box's height: standard deviation of a position and of a velocity per frame.
 * DeepSORT's (Wojke et al. 2017, `kalman_filter.py`), which ByteTrack kept.
 */
const positionShare = 1 / 20;
const velocityShare = 1 / 160;

/** One coordinate that moves at a constant velocity: what a filter knows of it. */
interface Motion {
  position: number;
  /** Per frame. */
  velocity: number;
  /** Covariance: of the position, of both, of the velocity. */
  pp: number;
  pv: number;
  vv: number;
}

/**
 * A Kalman filter of constant velocity over a box's middle, width and height. The noise of its coordinates is
 * independent, so the filter of eight states falls apart into four of two, with the same result.
 */
export class MotionFilter {
  readonly #motions: readonly Motion[];

  /** @param state middle x, middle y, width and height in pixels. */
  constructor(state: readonly number[]) {
    const height = state[3] ?? 1;
    const [position, velocity] = [2 * positionShare * height, 10 * velocityShare * height];
    this.#motions = state.map((value) => ({
      position: value,
      velocity: 0,
      pp: position ** 2,
      pv: 0,
      vv: velocity ** 2,
    }));
  }

  /** As `state` of the constructor, at least a pixel wide and high. */
  get state(): readonly number[] {
    return this.#motions.map(({ position }, index) =>
      index < 2 ? position : Math.max(1, position),
    );
  }

  /** One frame on: x = x + v, P = F P F' + Q. */
  predict(): void {
    const [q, r] = [this.#noise(positionShare), this.#noise(velocityShare)];
    for (const motion of this.#motions) {
      motion.position += motion.velocity;
      motion.pp += 2 * motion.pv + motion.vv + q;
      motion.pv += motion.vv;
      motion.vv += r;
    }
  }

  /** What was seen: K = P H' / (H P H' + R). */
  correct(seen: readonly number[]): void {
    const noise = this.#noise(positionShare);
    for (const [index, motion] of this.#motions.entries()) {
      const total = motion.pp + noise;
      const [gain, drift] = [motion.pp / total, motion.pv / total];
      const surprise = (seen[index] ?? motion.position) - motion.position;
      motion.position += gain * surprise;
      motion.velocity += drift * surprise;
      motion.vv -= drift * motion.pv;
      motion.pv *= 1 - gain;
      motion.pp *= 1 - gain;
    }
  }

  /** Nobody knows how what is out of sight grows or shrinks. */
  holdSize(): void {
    for (const motion of this.#motions.slice(2)) motion.velocity = 0;
  }

  #noise(share: number): number {
    return (share * (this.state[3] ?? 1)) ** 2;
  }
}
