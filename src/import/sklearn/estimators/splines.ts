import type { Compilation, Compiler } from '../compilation.ts';
import type { Fitted } from '../fitted/fitted.ts';
import type { Dense } from '../graph/values.ts';
import { segments } from '../trees/segments.ts';
import { pieces } from '../graph/spline-pieces.ts';
import type { Piece } from '../graph/spline-pieces.ts';

/** Pieces of one feature in order, and the values at which the next one begins. */
interface Feature {
  readonly bounds: readonly number[];
  readonly pieces: readonly Piece[];
}

/** Properties over `_t` and `_c` since scipy 1.15. */
function knotsOf(spline: Fitted): Float64Array {
  return spline.vector(spline.has('t') ? 't' : '_t');
}

/** `BSpline` of scipy: knots, coefficients [bases, splines], degree. */
function featureOf(model: Fitted, spline: Fitted, extrapolation: string): Feature {
  const degree = spline.number('k');
  if (!Number.isInteger(degree) || degree < 1 || degree > 10)
    throw model.refusal(`its degree is ${degree}`);
  const knots = knotsOf(spline);
  const coefficients = spline.matrix(spline.has('c') ? 'c' : '_c', knots.length - degree - 1);
  const inner = pieces(knots, coefficients, degree);
  const ends = Array.from(knots.slice(degree + 1, knots.length - degree - 1));
  const [first, last] = [inner[0], inner.at(-1)];
  if (!first || !last) throw model.refusal('a spline has no interval');
  if (extrapolation !== 'linear') return { bounds: ends, pieces: inner };
  // scikit-learn raises its degree variable in the loop over features, and then cuts at other knots.
  if (degree === 1)
    throw model.refusal('degree 1 with linear extrapolation is not proven', 'use degree 2 or 3');
  const [low, high] = [knots[degree] ?? 0, knots[knots.length - degree - 1] ?? 0];
  return {
    bounds: [low, ...ends, high],
    pieces: [tangent(first, low), ...inner, tangent(last, high)],
  };
}

/** The straight line that continues a piece at `at`. */
function tangent(piece: Piece, at: number): Piece {
  const u = at - piece.origin;
  const polynomials = piece.polynomials.map((p) => {
    const value = p.reduceRight((sum, c) => sum * u + c, 0);
    const slope = p.reduceRight((sum, c, i) => (i === 0 ? sum : sum * u + i * c), 0);
    return p.map((_, i) => (i === 0 ? value : i === 1 ? slope : 0));
  });
  return { origin: at, polynomials };
}

/** `sklearn/preprocessing/_polynomial.py`, SplineTransformer: piecewise polynomials, looked up by interval. */
export const splineTransformer: Compiler = {
  transform(c, model, x): Dense {
    const { e } = c;
    const extrapolation = model.text('extrapolation', 'constant');
    if (extrapolation === 'error')
      throw model.refusal('it raises outside of its knots', 'use another extrapolation');
    if (model.text('handle_missing', 'error') !== 'error')
      throw model.refusal('handle_missing is not proven');
    const splines = model.children('bsplines_');
    if (splines.length !== x.width)
      throw model.refusal(`it has ${splines.length} splines for ${x.width} features`);
    const features = splines.map((spline) => featureOf(model, spline, extrapolation));
    const input = withinRange(c, x, splines, extrapolation);
    const segment = segments(
      e,
      input,
      features.map((feature) => feature.bounds),
    );
    const starts = features.map((_, i) =>
      features.slice(0, i).reduce((sum, f) => sum + f.pieces.length, 0),
    );
    const at = e.add(segment, e.i64(starts, [1, x.width]));
    const all = features.flatMap((feature) => feature.pieces);
    const [splineCount = 0, terms = 0] = [
      all[0]?.polynomials.length,
      all[0]?.polynomials[0]?.length,
    ];
    if (
      all.some(
        (piece) =>
          piece.polynomials.length !== splineCount || piece.polynomials[0]?.length !== terms,
      )
    )
      throw model.refusal('its features have different numbers of splines');
    const table = e.f64(
      [all.length, splineCount, terms],
      all.flatMap((piece) => piece.polynomials.flat()),
    );
    const origin = e.op(
      'Gather',
      [
        e.f64(
          [all.length],
          all.map((piece) => piece.origin),
        ),
        at,
      ],
      { axis: 0 },
    );
    const u = e.unsqueeze(e.unsqueeze(e.sub(input, origin), 2), 3);
    const powers = e.op('Pow', [
      u,
      e.f64(
        [terms],
        Array.from({ length: terms }, (_, i) => i),
      ),
    ]);
    const values = e.sum(e.mul(e.op('Gather', [table, at], { axis: 0 }), powers), 3, false);
    const whole = e.op('Reshape', [values, e.i64([-1, x.width * splineCount])]);
    if (model.flag('include_bias', true))
      return { kind: 'dense', name: whole, width: x.width * splineCount };
    const kept = Array.from({ length: x.width * splineCount }, (_, i) => i).filter(
      (i) => (i + 1) % splineCount !== 0,
    );
    return { kind: 'dense', name: e.columns(whole, kept), width: kept.length };
  },
};

/** Constant ends hold the outermost values; a period begins anew. */
function withinRange(
  { e }: Compilation,
  x: Dense,
  splines: readonly Fitted[],
  extrapolation: string,
): string {
  const ranges = splines.map((spline) => {
    const [knots, degree] = [knotsOf(spline), spline.number('k')];
    return { low: knots[degree] ?? 0, high: knots[knots.length - degree - 1] ?? 0 };
  });
  const low = e.row(ranges.map((range) => range.low));
  if (extrapolation === 'constant')
    return e.op('Max', [e.op('Min', [x.name, e.row(ranges.map((range) => range.high))]), low]);
  if (extrapolation !== 'periodic') return x.name;
  const period = e.row(ranges.map((range) => range.high - range.low));
  const offset = e.sub(x.name, low);
  return e.add(e.sub(offset, e.mul(e.op('Floor', [e.div(offset, period)]), period)), low);
}
