import { Field, LongField } from '../../parts/field.tsx';

interface MetadataFieldsProps {
  /** What the fields say at first. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly mistake: string | undefined;
}

/** A session's name and the rest of its metadata, as fields of a form. */
export function MetadataFields({ metadata: { name, ...rest } = {}, mistake }: MetadataFieldsProps) {
  return (
    <>
      <Field
        label="Name"
        name="name"
        required
        maxLength={200}
        defaultValue={typeof name === 'string' ? name : ''}
        hint="What the frames are of: a camera, a drive, a visit."
      />
      <LongField
        label="More metadata"
        name="metadata"
        placeholder='{"camera": "gate 7"}'
        defaultValue={Object.keys(rest).length > 0 ? JSON.stringify(rest, undefined, 2) : ''}
        mistake={mistake}
        spellCheck={false}
        hint="Optional: a JSON object to find the session by later."
      />
    </>
  );
}

/** What such fields say now; `undefined` when it is no JSON object. */
export function metadataIn(form: FormData): Record<string, unknown> | undefined {
  const text = form.get('metadata');
  try {
    const more: unknown = typeof text === 'string' && text.trim() !== '' ? JSON.parse(text) : {};
    if (typeof more !== 'object' || more === null || Array.isArray(more)) return undefined;
    return { ...more, name: form.get('name') };
  } catch {
    return undefined;
  }
}

/** What is wrong when they say none. */
export const noObject = 'This is not a JSON object. Write one like {"camera": "gate 7"}.';
