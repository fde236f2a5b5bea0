import { Link } from '@tanstack/react-router';

export function NotFound() {
  return (
    <section>
      <h1>There is no such page</h1>
      <p>
        The address is wrong, or the page has moved. <Link to="/">Go to the playground.</Link>
      </p>
    </section>
  );
}
