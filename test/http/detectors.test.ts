import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ModelVersion } from '../../src/protocol/model-version.ts';
import type { DetectedObject } from '../../src/protocol/object.ts';
import { assertError, form, photo, startTestServer, type TestServer } from '../support/server.ts';
import { linearClassifier } from '../support/tabular-models.ts';
import { sendJson, sendModel, sendRows, uploadModel } from '../support/user-models.ts';
import { goldenCase, pictureModel, ultralyticsMetadata } from '../support/vision-models.ts';

interface Detection {
  readonly width: number;
  readonly detections: DetectedObject[];
  readonly models: { name: string; version: string; digest: string }[];
}

const v8 = goldenCase('yolov8 at 0.25');
const v5 = goldenCase('yolov5 at 0.25');
const finished = goldenCase('yolo end-to-end, zero rows at the end');
const names = ['helmet', 'vest', 'fire'];
/** The photo is 512 x 512, the input 64 x 64. */
const scale = 8;

const inPhoto = (rows: readonly number[][]): DetectedObject[] =>
  rows.map(([x1 = 0, y1 = 0, x2 = 0, y2 = 0, score = 0, id = 0]) => ({
    label: names[id] ?? '',
    class_id: id,
    score,
    box: [x1, y1, x2, y2].map((side) =>
      Math.min(Math.max(side * scale, 0), 512),
    ) as DetectedObject['box'],
  }));

function assertSame(found: readonly DetectedObject[], wanted: readonly DetectedObject[]): void {
  assert.deepEqual(
    found.map(({ label, class_id: id }) => [label, id]),
    wanted.map(({ label, class_id: id }) => [label, id]),
  );
  for (const [index, { score, box }] of found.entries()) {
    const other = wanted[index];
    assert.ok(other && Math.abs(score - other.score) <= 1e-4);
    for (const [side, value] of box.entries())
      assert.ok(
        Math.abs(value - (other.box[side] ?? 0)) <= 0.5,
        `${box.join()} is not ${other.box.join()}`,
      );
  }
}

describe('detectors of users', { concurrency: false }, () => {
  let server: TestServer;
  let astronaut: Buffer<ArrayBuffer>;
  let hazards: ModelVersion;
  before(async () => {
    server = await startTestServer({ FOVEA_WORKERS: '1' });
    astronaut = await photo('astronaut.png');
    hazards = await uploadModel(
      server,
      'hazards',
      pictureModel(v8.tensors, ultralyticsMetadata({ description: 'YOLO11n' })),
    );
  });
  after(async () => await server.close());

  const send = async (query: string, route = 'detect'): Promise<Response> =>
    await server.fetch(`/api/v1/${route}?${query}`, { method: 'POST', body: form(astronaut) });
  const detect = async (query: string): Promise<Detection> => {
    const response = await send(query);
    assert.equal(response.status, 200, await response.clone().text());
    return (await response.json()) as Detection;
  };
  const refusal = async (
    file: Buffer<ArrayBuffer>,
    fields: Record<string, string> = {},
    status = 422,
  ): Promise<string> =>
    (await assertError(await sendModel(server, 'refused', file, fields), status, 'MODEL_INVALID'))
      .message;

  it('are told by their metadata', () => {
    assert.deepEqual(
      [hazards.task, hazards.format, hazards.vision?.labels, hazards.report['layout']],
      ['detect', 'onnx', names, 'yolov8'],
    );
    const { input } = hazards.vision ?? {};
    assert.deepEqual([input?.fit, input?.pad, input?.std], ['letterbox', 114, [255, 255, 255]]);
  });

  it('answer by name and by id with what the reference finds, in pixels of the photo', async () => {
    const wanted = inPhoto(v8.expected);
    const { detections, width, models } = await detect('model=hazards&iou=0.45');
    assert.equal(width, 512);
    assertSame(detections, wanted);
    assert.deepEqual(
      models.map(({ name, version, digest }) => [name, version, digest]),
      [['hazards', '1', hazards.sha256]],
    );
    assertSame((await detect(`model=${hazards.id}&iou=0.45`)).detections, wanted);
  });

  it('can be asked for less', async () => {
    const all = inPhoto(v8.expected);
    const found = async (query: string) =>
      (await detect(`model=hazards&iou=0.45&${query}`)).detections;
    assertSame(
      await found('classes=vest,2'),
      all.filter(({ label }) => label !== 'helmet'),
    );
    assertSame(await found('max_detections=3'), all.slice(0, 3));
    assertSame(
      await found('score=0.6'),
      all.filter(({ score }) => score > 0.6),
    );
    assertSame(
      await found('class_scores=vest:0.9,fire:1'),
      all.filter(({ label, score }) => label === 'helmet' || (label === 'vest' && score > 0.9)),
    );
    const { message } = await assertError(
      await send('model=hazards&classes=tiger'),
      400,
      'REQUEST_INVALID',
    );
    assert.match(message, /tiger.*helmet, vest, fire/);
    await assertError(await send('model=hazards&class_scores=vest'), 400, 'REQUEST_INVALID');
  });

  it('have versions, and go back to older ones', async () => {
    const metadata = JSON.stringify({ vision: { layout: 'yolov5', labels: names } });
    const second = await uploadModel(server, 'hazards', pictureModel(v5.tensors), {
      task: 'detect',
      metadata,
    });
    assert.deepEqual([second.version, second.report['layout']], [2, 'yolov5']);
    assertSame((await detect('model=hazards')).detections, inPhoto(v5.expected));
    assertSame((await detect('model=hazards&version=1&iou=0.45')).detections, inPhoto(v8.expected));
    await sendJson(server, 'POST', `/api/v1/models/${second.id}/rollback`, {});
    assertSame((await detect('model=hazards&iou=0.45')).detections, inPhoto(v8.expected));
    assertSame((await detect('model=hazards&version=v2')).detections, inPhoto(v5.expected));
    await sendJson(server, 'DELETE', `/api/v1/models/${second.id}?version=2`);
    await assertError(await send('model=hazards&version=2'), 410, 'MODEL_ARCHIVED');
    assert.equal((await detect('model=hazards')).models[0]?.version, '1');
  });

  it('may be end-to-end, or have NMS inside, or a manifest beside them', async () => {
    for (const [name, facts] of [
      ['e2e', { end2end: 'True', head: 'v10Detect' }],
      ['nms', { args: "{'nms': True}" }],
      ['old-v10', { description: 'Ultralytics YOLOv10n model', end2end: '' }],
    ] as const) {
      const metadata = new Map(ultralyticsMetadata(facts));
      if (metadata.get('end2end') === '') metadata.delete('end2end');
      const model = await uploadModel(server, name, pictureModel(finished.tensors, metadata));
      assert.equal(model.report['layout'], 'yolo-end2end');
      assertSame((await detect(`model=${name}`)).detections, inPhoto(finished.expected));
    }
    const data = new FormData();
    data.set('name', 'beside');
    data.append('file', new Blob([pictureModel(v5.tensors)]), 'best.onnx');
    const manifest = {
      task: 'object-detection',
      layout: 'yolov7',
      labels: names,
      thresholds: { most: 4 },
    };
    data.append('file', new Blob([JSON.stringify(manifest)]), 'manifest.json');
    const response = await server.fetch('/api/v1/models/upload', { method: 'POST', body: data });
    assert.equal(response.status, 201, await response.clone().text());
    assertSame((await detect('model=beside')).detections, inPhoto(v5.expected).slice(0, 4));
  });

  it('are never guessed at from their shapes', async () => {
    const plain = pictureModel(v8.tensors);
    assert.match(await refusal(plain, { task: 'detect' }), /labels/);
    const labels = JSON.stringify({ vision: { labels: names } });
    assert.match(await refusal(plain, { task: 'detect', metadata: labels }), /layout.*yolov8/);
    const wrong = JSON.stringify({ vision: { labels: names, layout: 'yolov5' } });
    assert.match(await refusal(plain, { task: 'detect', metadata: wrong }), /yolov5.*\[1, n, 8\]/);
    const few = ultralyticsMetadata({ names: "{0: 'helmet'}" });
    assert.match(await refusal(pictureModel(v8.tensors, few)), /yolov8.*labels and layout/);
    const free = pictureModel(v8.tensors, new Map(), [1, 3, 'h', 'w']);
    const layout = JSON.stringify({ vision: { labels: names, layout: 'yolov8' } });
    assert.match(await refusal(free, { task: 'detect', metadata: layout }), /width free.*640/);
    const logits = {
      output0: {
        ...v8.tensors['output0'],
        dims: [1, 7, 84],
        data: Array.from({ length: 588 }, () => 5),
      },
    };
    assert.match(await refusal(pictureModel(logits, ultralyticsMetadata())), /probabilities/);
  });

  it('are refused by name when they do something else', async () => {
    const masks = {
      output0: {
        dims: [1, 39, 84],
        data: Array.from({ length: 39 * 84 }, (_, i) => (i < 588 ? (goldenData[i] ?? 0) : 0)),
      },
      output1: { dims: [1, 32, 16, 16], data: Array.from({ length: 32 * 256 }, () => 0) },
    };
    const segment = pictureModel(masks, ultralyticsMetadata({ task: 'segment' }));
    assert.match(await refusal(segment), /segment.*--task detect/);
    const boxes = await uploadModel(server, 'boxes', segment, { task: 'detect' });
    assert.match(String(boxes.report['notes']), /segment/);
    assertSame((await detect('model=boxes&iou=0.45')).detections, inPhoto(v8.expected));
    const obb = pictureModel(v8.tensors, ultralyticsMetadata({ task: 'obb' }));
    assert.match(await refusal(obb, { task: 'detect' }), /obb.*not served/);
  });

  it('are answered with what to do when they are of another format', async () => {
    for (const [files, format] of [
      [['best.pt'], /PyTorch.*yolo export model=best\.pt format=onnx/],
      [['best.xml', 'best.bin'], /OpenVINO IR.*format=onnx/],
      [['best.engine'], /TensorRT/],
      [['best.mlmodel'], /Core ML/],
      [['best_float32.tflite'], /TensorFlow Lite/],
    ] as const) {
      const data = new FormData();
      data.set('name', 'foreign');
      data.set('task', 'detect');
      for (const file of files) data.append('file', new Blob(['PK\u0003\u0004 model']), file);
      const response = await server.fetch('/api/v1/models/upload', { method: 'POST', body: data });
      const { message } = await assertError(response, 422, 'MODEL_INVALID');
      assert.match(message, format);
    }
  });

  it('do not answer rows, and models of rows do not answer pictures', async () => {
    const rows = await sendRows(server, hazards.id, [[1]]);
    assert.match(
      (await assertError(rows, 400, 'REQUEST_INVALID')).message,
      /detect\?model=hazards/,
    );
    await uploadModel(server, 'flowers', linearClassifier());
    await assertError(await send('model=flowers'), 400, 'REQUEST_INVALID');
    await assertError(await send('model=hazards', 'classify'), 400, 'REQUEST_INVALID');
    await assertError(await send('model=nobody'), 404, 'MODEL_NOT_FOUND');
  });

  it('have classifiers beside them', async () => {
    const scores = { output0: { dims: [1, 3], data: [0.1, 0.7, 0.2] } };
    const metadata = ultralyticsMetadata({ task: 'classify', head: 'Classify' });
    const model = await uploadModel(server, 'sites', pictureModel(scores, metadata));
    assert.deepEqual([model.task, model.vision?.input.fit], ['classify', 'crop']);
    const response = await send('model=sites&top=2', 'classify');
    const { classes } = (await response.json()) as { classes: unknown };
    assert.deepEqual(classes, [
      { label: 'vest', class_id: 1, score: 0.7 },
      { label: 'fire', class_id: 2, score: 0.2 },
    ]);
  });

  it('leave the models of the server as they are', async () => {
    const { detections, models } = await detect('classes=person&max_detections=1');
    assert.deepEqual(
      [detections.map(({ label }) => label), models.map(({ name }) => name)],
      [['person'], ['centernet']],
    );
  });
});

const goldenData = v8.tensors['output0']?.data ?? [];
