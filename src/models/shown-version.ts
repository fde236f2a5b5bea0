import type { VersionRecord } from '../db/model-versions.ts';
import type { ModelRecord } from '../db/models.ts';
import type { ModelVersion } from '../protocol/model-version.ts';
import { effectiveStatus, servedTaskOf } from './version-reference.ts';

/** A version as the API answers it. */
export function shownVersion(
  model: ModelRecord,
  version: VersionRecord,
  aliases: ReadonlyMap<string, number>,
): ModelVersion {
  const { sizeBytes, sha256, files, format, signature, metadata, report, batching, vision } =
    version;
  return {
    id: model.id,
    name: model.name,
    version: version.version,
    description: model.description,
    status: effectiveStatus(model, version),
    task: servedTaskOf(version),
    format,
    size_bytes: sizeBytes,
    sha256,
    files: [...files],
    signature,
    metadata,
    report,
    batching,
    ...(vision ? { vision } : {}),
    aliases: [...aliases].flatMap(([alias, number]) => (number === version.version ? [alias] : [])),
    ...(version.purgedAt ? { purged_at: version.purgedAt.toISOString() } : {}),
    created_at: version.createdAt.toISOString(),
    updated_at: model.updatedAt.toISOString(),
  };
}
