import { visionGroup } from '../../images/analyzer.ts';
import { validation } from '../../protocol/image.ts';
import type { App, AppDeps } from '../app-deps.ts';
import { callerOf } from '../caller.ts';
import { errorResponses } from '../error-responses.ts';
import { imageBody, imageConsumes, withImage } from '../image-input.ts';

export function validateRoutes(app: App, { images, imageInput }: AppDeps): void {
  app.post(
    '/api/v1/validate/image',
    {
      config: { scope: 'images', waitsFor: visionGroup },
      schema: {
        tags: ['Images'],
        summary: 'Validate an image and keep it',
        description:
          'An image that can be decoded is kept and answered with its `image_id`, valid or not; `issues` say which rules it breaks.',
        consumes: imageConsumes,
        body: imageBody,
        response: { 200: validation, ...errorResponses },
      },
    },
    async (request, reply) => {
      const caller = callerOf(reply);
      return await withImage(request, imageInput, caller.signal, (image) =>
        images.validate(image, caller),
      );
    },
  );
}
