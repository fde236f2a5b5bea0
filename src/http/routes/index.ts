import type { App, AppDeps } from '../app-deps.ts';
import { accessRoutes } from './access.ts';
import { apiKeyRoutes } from './api-keys.ts';
import { auditRoutes } from './audit-log.ts';
import { authRoutes } from './auth.ts';
import { analyticsRoutes } from './analytics.ts';
import { analyzeRoutes } from './analyze.ts';
import { collectionRoutes } from './collections.ts';
import { faceSwapRoutes } from './face-swap.ts';
import { faceRoutes } from './faces.ts';
import { embeddingRoutes } from './embeddings.ts';
import { healthRoutes } from './health.ts';
import { identifyRoutes } from './identify.ts';
import { imageRoutes } from './images.ts';
import { inviteRoutes } from './invites.ts';
import { jobRoutes } from './jobs.ts';
import { modelRoutes } from './models.ts';
import { objectRoutes } from './objects.ts';
import { personRoutes } from './persons.ts';
import { predictRoutes } from './predict.ts';
import { predictionRoutes } from './predictions.ts';
import { sessionDetectionRoutes } from './session-detections.ts';
import { sessionStreamRoute } from './session-stream.ts';
import { sessionRoutes } from './sessions.ts';
import { setupRoutes } from './setup.ts';
import { userRoutes } from './users.ts';
import { validateRoutes } from './validate.ts';

/** Every part of the API: one file, one line. */
export const routes: readonly ((app: App, deps: AppDeps) => void)[] = [
  validateRoutes,
  analyzeRoutes,
  imageRoutes,
  faceRoutes,
  faceSwapRoutes,
  collectionRoutes,
  personRoutes,
  identifyRoutes,
  objectRoutes,
  embeddingRoutes,
  sessionRoutes,
  sessionDetectionRoutes,
  sessionStreamRoute,
  modelRoutes,
  predictRoutes,
  predictionRoutes,
  jobRoutes,
  analyticsRoutes,
  setupRoutes,
  authRoutes,
  accessRoutes,
  apiKeyRoutes,
  userRoutes,
  inviteRoutes,
  auditRoutes,
  healthRoutes,
];
