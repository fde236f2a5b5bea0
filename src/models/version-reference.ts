import type { VersionRecord } from '../db/model-versions.ts';
import type { ModelRecord } from '../db/models.ts';
import type { LifecycleStatus, ServedTask } from '../protocol/model-version.ts';

/** The alias that answers when nobody asks for a version. */
export const defaultAlias = 'default';

/** A version as a caller names it: `3` or `v3` is a number, everything else an alias. */
export function versionNumber(
  reference: string,
  aliases: ReadonlyMap<string, number>,
): number | undefined {
  const [, digits] = /^v?([1-9]\d{0,8})$/.exec(reference) ?? [];
  return digits === undefined ? aliases.get(reference) : Number(digits);
}

const strictness: Readonly<Record<LifecycleStatus, number>> = {
  active: 0,
  deprecated: 1,
  archived: 2,
};

/** The stricter of the two. */
export function effectiveStatus(
  model: Pick<ModelRecord, 'status'>,
  version: Pick<VersionRecord, 'status'>,
): LifecycleStatus {
  return strictness[model.status] >= strictness[version.status] ? model.status : version.status;
}

/** The route that a version answers. */
export function servedTaskOf({ vision }: Pick<VersionRecord, 'vision'>): ServedTask {
  if (vision === null) return 'predict';
  return vision.task === 'object-detection' ? 'detect' : 'classify';
}
