import type { ChosenImage } from './image-picker.tsx';

/** The form field that carries an image, as every route takes it. */
export function imageField(image: ChosenImage): readonly [name: string, value: string | File] {
  return image.kind === 'file' ? ['file', image.file] : ['image_url', image.url];
}

export function nameOf(image: ChosenImage): string {
  return image.kind === 'file' ? image.file.name : image.url;
}
