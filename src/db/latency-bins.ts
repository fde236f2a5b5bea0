/**
 * Bins of latency histograms that can be added up and give percentiles within a stated error: bin i
 * holds the values in (γ^(i-1), γ^i] milliseconds, and 2γ^i/(γ+1) stands for all of them, so that no
 * value is off by more than α of itself. This is DDSketch: Masson, Rim, Lee, "DDSketch: A Fast and
 * Fully-Mergeable Quantile Sketch with Relative-Error Guarantees", VLDB 2019, §2.1.
 */
const RELATIVE_ERROR = 0.01;
export const GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);

/** Milliseconds below which all is one bin. */
export const LEAST_LATENCY = 0.001;

/** Bins of the confidence histogram: twenty, 0.05 wide. */
export const CONFIDENCE_BINS = 20;
