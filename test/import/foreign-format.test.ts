import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { foreignFormat } from '../../src/import/foreign-format.ts';

describe('foreignFormat', () => {
  it('knows what Ultralytics exports besides ONNX, and says what to do', () => {
    for (const [names, format] of [
      [
        ['best_openvino_model', 'best_openvino_model/best.xml', 'best_openvino_model/best.bin'],
        'OpenVINO IR',
      ],
      [['best.pt'], 'PyTorch checkpoint'],
      [['best.torchscript'], 'PyTorch checkpoint'],
      [['best.engine'], 'TensorRT engine'],
      [['best.mlpackage', 'best.mlpackage/Manifest.json'], 'Core ML model'],
      [['best_float16.tflite'], 'TensorFlow Lite model'],
      [['best_saved_model', 'best_saved_model/saved_model.pb'], 'TensorFlow SavedModel'],
      [['model.ncnn.param', 'model.ncnn.bin'], 'NCNN model'],
    ] as const) {
      const found = foreignFormat(names);
      assert.equal(found?.format, format);
      assert.match(found.advice, /yolo export model=best\.pt format=onnx/);
    }
  });

  it('says nothing of what is served or unknown', () => {
    for (const names of [
      ['best.onnx'],
      ['BEST.ONNX', 'best.pt'],
      ['model.pkl'],
      ['weights.bin'],
      [],
    ])
      assert.equal(foreignFormat(names), undefined);
  });
});
