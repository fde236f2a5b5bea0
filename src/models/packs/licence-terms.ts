/** Terms that a person or a company must agree to before models are used. */
export interface LicenceTerms {
  readonly id: string;
  /** Changes when the terms do; what was accepted before counts no more. */
  readonly version: string;
  readonly title: string;
  /** In our words; the text at `url` is what counts. */
  readonly summary: string;
  readonly url: string;
}

/** README of deepinsight/insightface, section "License", as it stood on 2025-11-24. */
export const insightfaceTerms: LicenceTerms = {
  id: 'insightface-non-commercial',
  version: '2025-11-24',
  title: 'InsightFace models: non-commercial research only',
  summary:
    'The trained models may be used for non-commercial research only. Commercial use needs a licence of its own from InsightFace.',
  url: 'https://github.com/deepinsight/insightface#license',
};
