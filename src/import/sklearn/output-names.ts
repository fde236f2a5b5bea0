/** Names that no input may have. */
export function isOutputName(name: string): boolean {
  return /^(?:label|probabilities|scores)(?:_\d+)?$|^prediction$|^transformed$/.test(name);
}
