import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { RouteOptions } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { App } from './app-deps.ts';
import { namedOnce } from './openapi-components.ts';

/** OpenAPI 3.1 at `/openapi.json` and a page to read it at `/docs`, both from the schemas that validate. */
export async function describeApi(app: App, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Fovea',
        version,
        description:
          'A model server: photos in, predictions out. Every error is `{"error": {"code", "message", "details", "request_id"}}`; every answer is YAML on `Accept: application/yaml`.',
      },
      components: {
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            description: 'An access token from `auth/login`, or an API key.',
          },
          apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        },
      },
      tags: [
        { name: 'Images', description: 'Validate once, keep, analyse many times.' },
        { name: 'Objects', description: 'Objects and classes in one image.' },
        { name: 'Predictions', description: 'What was predicted, one by one.' },
        { name: 'Jobs', description: 'Files of rows, predicted in the background.' },
        { name: 'Analytics', description: 'What was predicted, over time.' },
        { name: 'Models', description: 'Upload models; each upload is a version.' },
        { name: 'Predict', description: 'Rows in, predictions out.' },
        { name: 'Access', description: 'Accounts, logins, API keys, and who changed what.' },
        { name: 'Setup', description: 'Bring the models and warm them up.' },
        { name: 'Operations', description: 'Health and metrics.' },
      ],
    },
    transform: (route) => {
      const { schema, url } = jsonSchemaTransform(route);
      return { url, schema: { ...schema, ...accessOf(route.route.config) } };
    },
    transformObject: named,
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: true,
    theme: {
      title: 'Fovea API',
      // The bar offers to read other servers' documents; this page is about this one.
      css: [{ filename: 'fovea.css', content: '.swagger-ui .topbar { display: none }' }],
    },
    uiConfig: { deepLinking: true },
  });
  app.get(
    '/openapi.json',
    { config: { scope: 'public' }, schema: { hide: true } },
    async (_request, reply) => {
      await reply
        .type('application/json; charset=utf-8')
        .serializer(JSON.stringify)
        .send(app.swagger());
    },
  );
  app.get(
    '/',
    { config: { scope: 'public' }, schema: { hide: true } },
    async (_request, reply) => await reply.redirect('/app/', 302),
  );
}

/** The nouns of the product as components, those that the routes use; and the one error answer of all of them. */
const named: typeof jsonSchemaTransformObject = (document) => {
  const described = jsonSchemaTransformObject(document);
  if (!('components' in described)) return described;
  const { uses, schemas } = namedOnce(described.paths, described.components?.schemas ?? {});
  const components = { ...described.components, schemas, responses: { Error: errorAnswer } };
  return { ...described, paths: withNamedErrors(uses), components } as typeof described;
};

const errorAnswer = {
  description: 'What went wrong, in a stable code, and what to do about it.',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
};

function withNamedErrors<T>(paths: T): T {
  return JSON.parse(JSON.stringify(paths), (key, value: unknown) =>
    key === '4XX' || key === '5XX' ? { $ref: '#/components/responses/Error' } : value,
  ) as T;
}

/** How to come in, and what that must be good for. */
function accessOf({ scope }: NonNullable<RouteOptions['config']> = {}): object {
  if (scope === undefined || scope === 'public') return { security: [] };
  const bearer = { bearer: [] };
  const security = scope === 'person' ? [bearer] : [bearer, { apiKey: [] }];
  return { security, 'x-fovea-scope': scope };
}
