import { stringify } from 'yaml';

/** JSON text as YAML 1.2: the same plain values, without anchors or tags. */
export function toYaml(json: string): string {
  return stringify(JSON.parse(json), {
    version: '1.2',
    aliasDuplicateObjects: false,
    lineWidth: 0,
  });
}
