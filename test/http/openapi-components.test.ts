import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { namedOnce } from '../../src/http/openapi-components.ts';

const to = (name: string) => ({ $ref: `#/components/schemas/${name}` });

describe('namedOnce', () => {
  it('drops what nothing leads to, and keeps what is only led to by others', () => {
    const schemas = { Face: { items: to('Box') }, Box: { type: 'array' }, Alone: {} };
    const { uses, schemas: kept } = namedOnce({ get: to('Face') }, schemas);
    assert.deepEqual(uses, { get: to('Face') });
    assert.deepEqual(kept, { Box: { type: 'array' }, Face: { items: to('Box') } });
  });

  it('gives a schema that is only sent its plain name', () => {
    const schemas = { NewKeyInput: { type: 'object' }, NewKey: { additionalProperties: false } };
    const { uses, schemas: kept } = namedOnce({ post: to('NewKeyInput') }, schemas);
    assert.deepEqual(uses, { post: to('NewKey') });
    assert.deepEqual(kept, { NewKey: { type: 'object' } });
  });

  it('makes one of what is sent and answered alike, also when it names others that are', () => {
    const role = { enum: ['admin'] };
    const schemas = {
      RoleInput: role,
      Role: role,
      UserInput: { role: to('RoleInput') },
      User: { role: to('Role') },
    };
    const { uses, schemas: kept } = namedOnce({ get: to('User'), put: to('UserInput') }, schemas);
    assert.deepEqual(uses, { get: to('User'), put: to('User') });
    assert.deepEqual(kept, { Role: role, User: { role: to('Role') } });
  });

  it('keeps both names where they differ, and of what names them', () => {
    const schemas = {
      PageInput: { default: 1 },
      Page: { required: true },
      ListInput: { page: to('PageInput') },
      List: { page: to('Page') },
    };
    const { schemas: kept } = namedOnce({ get: to('List'), put: to('ListInput') }, schemas);
    assert.deepEqual(kept, schemas);
  });
});
