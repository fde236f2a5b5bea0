/** What is wrong with a picture for recognition, in words. Codes that are new are shown as they are. */
const words: Readonly<Record<string, string>> = {
  too_small: 'the face is too small',
  blurred: 'it is blurred',
  too_dark: 'it is too dark',
  too_bright: 'it is too bright',
  turned_away: 'the face is turned away',
  no_face: 'there is no face',
  several_faces: 'there are several faces',
};

export function reasonsText(reasons: readonly string[]): string {
  return reasons.map((reason) => words[reason] ?? reason.replaceAll('_', ' ')).join(', ');
}
