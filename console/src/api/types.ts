import type { Readable } from 'openapi-typescript-helpers';
import type { paths } from './schema.d.ts';

/** Names for the answers of the API, from its OpenAPI document, in the very types in which the client gives them. */
type Answer<
  P extends keyof paths,
  M extends keyof paths[P],
  S extends number = 200,
> = paths[P][M] extends { responses: Record<S, { content: { 'application/json': infer T } }> }
  ? Readable<T>
  : never;

export type Validation = Answer<'/api/v1/validate/image', 'post'>;
export type Analysis = Answer<'/api/v1/analyze/by-id', 'post'>;
export type AnalysisPart = NonNullable<
  paths['/api/v1/analyze/by-id']['post']['requestBody']['content']['application/json']['include']
>[number];
export type Face = NonNullable<Analysis['faces']>[number];
export type DetectedObject = NonNullable<Analysis['objects']>[number];
export type ModelList = Answer<'/api/v1/models', 'get'>;
export type ModelVersion = ModelList['items'][number];
export type ModelColumn = NonNullable<ModelVersion['signature']['columns']>[number];
export type Prediction = Answer<'/api/v1/predict/{id}', 'post'>;
export type SetupStatus = Answer<'/api/v1/setup', 'get'>;
export type ApiKey = Answer<'/api/v1/api-keys', 'get'>['items'][number];
export type User = Answer<'/api/v1/users', 'get'>['items'][number];
export type Invite = Answer<'/api/v1/invites', 'get'>['items'][number];
export type AuditEntry = Answer<'/api/v1/audit-log', 'get'>['items'][number];
export type Scope = ApiKey['scopes'][number];
export type Role = User['role'];
export type Session = Answer<'/api/v1/sessions/{id}', 'get'>;
export type SessionSummary = Answer<'/api/v1/sessions/{id}/summary', 'get'>;
/** What was found in one frame of a session. */
export type Detection = Answer<'/api/v1/sessions/{id}/detections/{detection_id}', 'get'>;
export type TrackedObject = Detection['detections'][number];
export type LoggedPrediction = Answer<'/api/v1/predictions/{id}', 'get'>;
export type Job = Answer<'/api/v1/jobs/{id}', 'get'>;
export type KeptImage = Answer<'/api/v1/images/{id}', 'get'>;
export type AnalyticsOverview = Answer<'/api/v1/analytics/overview', 'get'>;
export type ModelAnalytics = Answer<'/api/v1/analytics/models/{id}', 'get'>;
export type FacesFound = Answer<'/api/v1/faces/detect', 'post'>;
export type Verification = Answer<'/api/v1/faces/verify', 'post'>;
export type Collection = Answer<'/api/v1/collections/{id}', 'get'>;
export type Identification = Answer<'/api/v1/collections/{id}/identify', 'post'>;
export type Person = Answer<'/api/v1/collections/{id}/persons/{person_id}', 'get'>;
export type EnrolledFace = Answer<
  '/api/v1/collections/{id}/persons/{person_id}/faces',
  'get'
>['items'][number];
export type Enrolment = Answer<'/api/v1/collections/{id}/persons/{person_id}/faces', 'post', 201>;
