import type { Readable } from 'openapi-typescript-helpers';
import type { components } from './schema.d.ts';

type Schemas = components['schemas'];
/** A component of the API's document, in the very type in which the client gives it. */
type Answered<Name extends keyof Schemas> = Readable<Schemas[Name]>;

export type Validation = Answered<'Validation'>;
export type Analysis = Answered<'Analysis'>;
export type AnalysisPart = Answered<'AnalysisPart'>;
export type Face = Answered<'Face'>;
export type FoundFace = Answered<'IndexedFace'>;
export type DetectedObject = Answered<'DetectedObject'>;
export type ModelVersion = Answered<'ModelVersion'>;
export type ModelColumn = Answered<'ModelColumn'>;
export type Prediction = Answered<'Prediction'>;
export type SetupStatus = Answered<'SetupStatus'>;
export type Model = Answered<'Model'>;
export type Pack = Answered<'Pack'>;
export type ApiKey = Answered<'ApiKey'>;
export type User = Answered<'User'>;
export type Invite = Answered<'Invite'>;
export type AuditEntry = Answered<'AuditEntry'>;
export type Scope = Answered<'Scope'>;
export type Role = Answered<'Role'>;
export type Session = Answered<'Session'>;
export type SessionSummary = Answered<'SessionSummary'>;
/** What was found in one frame of a session. */
export type Detection = Answered<'KeptDetection'>;
export type TrackedObject = Answered<'TrackedObject'>;
export type LoggedPrediction = Answered<'LoggedPrediction'>;
export type Job = Answered<'Job'>;
export type KeptImage = Answered<'Image'>;
export type Drift = Answered<'Drift'>;
export type AnalyticsOverview = Answered<'AnalyticsOverview'>;
export type ModelAnalytics = Answered<'ModelAnalytics'>;
export type FacesFound = Answered<'FacesFound'>;
export type Verification = Answered<'Verification'>;
export type Collection = Answered<'Collection'>;
export type ReembedJob = Answered<'ReembedJob'>;
export type Identification = Answered<'Identification'>;
export type Person = Answered<'Person'>;
export type EnrolledFace = Answered<'EnrolledFace'>;
export type Enrolment = Answered<'Enrolment'>;
