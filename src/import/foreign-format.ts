/** A model file of a kind that is not served, and what to do with it. */
export interface ForeignFormat {
  readonly format: string;
  readonly advice: string;
}

const yolo = (source: string): string =>
  `export it as ONNX: \`yolo export model=${source} format=onnx\` for Ultralytics' models`;

const kinds: readonly {
  readonly format: string;
  readonly matches: (names: readonly string[]) => boolean;
  readonly advice: string;
}[] = [
  {
    format: 'OpenVINO IR',
    matches: (names) => ends(names, '.xml') && ends(names, '.bin'),
    advice: `it cannot be turned back; go to the model it was made from and ${yolo('best.pt')}`,
  },
  {
    format: 'PyTorch checkpoint',
    matches: (names) => ends(names, '.pt', '.pth', '.torchscript', '.ckpt'),
    advice: `its file is a program that would have to be run; ${yolo('best.pt')}, torch.onnx.export for others`,
  },
  {
    format: 'TensorRT engine',
    matches: (names) => ends(names, '.engine', '.trt', '.plan'),
    advice: `it fits one graphics card only; go to the model it was made from and ${yolo('best.pt')}`,
  },
  {
    format: 'Core ML model',
    matches: (names) => ends(names, '.mlmodel', '.mlpackage') || inside(names, '.mlpackage/'),
    advice: `it runs on Apple's systems only; go to the model it was made from and ${yolo('best.pt')}`,
  },
  {
    format: 'TensorFlow Lite model',
    matches: (names) => ends(names, '.tflite', '.lite'),
    advice: `go to the model it was made from and ${yolo('best.pt')}; tf2onnx (--tflite) converts others`,
  },
  {
    format: 'TensorFlow SavedModel',
    matches: (names) => names.some((name) => /(^|\/)saved_model\.pb$/.test(name)),
    advice: `go to the model it was made from and ${yolo('best.pt')}; tf2onnx (--saved-model) converts others`,
  },
  {
    format: 'NCNN model',
    matches: (names) => ends(names, '.param') && ends(names, '.bin'),
    advice: `go to the model it was made from and ${yolo('best.pt')}`,
  },
  {
    format: 'half of an OpenVINO IR',
    matches: (names) => names.length === 1 && ends(names, '.xml'),
    advice: `go to the model it was made from and ${yolo('best.pt')}`,
  },
];

/**
 * What files are by their names, when Fovea knows the format and does not serve it; undefined for all others, and
 * whenever an ONNX file is among them.
 * @param names with their folders, when they come from a folder or an archive
 */
export function foreignFormat(names: readonly string[]): ForeignFormat | undefined {
  const lower = names.map((name) => name.toLowerCase().replaceAll('\\', '/'));
  if (ends(lower, '.onnx')) return undefined;
  const kind = kinds.find(({ matches }) => matches(lower));
  return kind && { format: kind.format, advice: kind.advice };
}

function ends(names: readonly string[], ...extensions: readonly string[]): boolean {
  return names.some((name) => extensions.some((extension) => name.endsWith(extension)));
}

function inside(names: readonly string[], folder: string): boolean {
  return names.some((name) => name.includes(folder));
}
