import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { Frame } from './frame/frame.tsx';
import { NotFound } from './frame/not-found.tsx';

const root = createRootRoute({ component: Frame, notFoundComponent: NotFound });

/** A page is a folder of `pages/` and a chunk of its own, fetched when it is first wanted. */
function page<const P extends string>(path: P, load: () => Promise<{ Page: ComponentType }>) {
  return createRoute({
    getParentRoute: () => root,
    path,
    component: lazyRouteComponent(load, 'Page'),
  });
}

/** Every page: one folder, one line. */
const tree = root.addChildren([
  page('/', () => import('./pages/playground/page.tsx')),
  page('/models', () => import('./pages/models/page.tsx')),
  page('/models/$id', () => import('./pages/model/page.tsx')),
  page('/sessions', () => import('./pages/sessions/page.tsx')),
  page('/sessions/$id', () => import('./pages/session/page.tsx')),
  page('/live', () => import('./pages/live/page.tsx')),
  page('/predictions', () => import('./pages/predictions/page.tsx')),
  page('/predictions/$id', () => import('./pages/prediction/page.tsx')),
  page('/jobs', () => import('./pages/jobs/page.tsx')),
  page('/images', () => import('./pages/images/page.tsx')),
  page('/faces', () => import('./pages/faces/page.tsx')),
  page('/people', () => import('./pages/people/page.tsx')),
  page('/people/$id', () => import('./pages/collection/page.tsx')),
  page('/people/$id/$person', () => import('./pages/person/page.tsx')),
  page('/dashboards', () => import('./pages/dashboards/page.tsx')),
  page('/dashboards/models/$id', () => import('./pages/model-dashboard/page.tsx')),
  page('/sign-in', () => import('./pages/sign-in/page.tsx')),
  page('/access', () => import('./pages/access/page.tsx')),
]);

export const router = createRouter({
  routeTree: tree,
  basepath: '/app',
  defaultPreload: 'intent',
  // A new page begins at its top; the way back leads to where one was.
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
