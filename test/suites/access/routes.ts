/** What a request refers to; the ids of somebody, or ids that nobody has. */
export interface Ids {
  upload: string
  otherUpload: string
  trashed: string
  batch: string
  album: string
  search: string
  key: string
  user: string
  session: string
  archive: string
}

export interface Call {
  path?: string
  body?: object
  query?: Record<string, string>
  /** Where it differs from that of the route. */
  stranger?: number
  /** A form with one picture. */
  file?: boolean
}

export interface Row {
  route: string
  /** Who may call it: anybody, whoever has the scope, or only a person who is signed in, or an administrator. */
  guard: 'public' | 'read' | 'write' | 'signed-in read' | 'signed-in write'
  /** Only an administrator may call it, who gets this. */
  administrator?: number
  /** `mine` is what the caller has, `theirs` what the request is about. */
  calls?: readonly ((theirs: Ids, mine: Ids) => Call)[]
  /** What the owner gets, for their own things. */
  owner: number
  /** What everybody else gets for them, and for ids that nobody has. */
  stranger: number
}

const nothing = () => ({})
const page = (path: string, status = 200): Row => ({ route: path, guard: 'public', owner: status, stranger: status })
const withId = (name: keyof Ids) => (theirs: Ids) => ({ path: theirs[name] })
const rename = { name: 'renamed' }

/** Every route, who may call it, and what is said of other people's things. A route that is not here fails the test. */
export const ROWS: readonly Row[] = [
  ...['/health', '/ready', '/v1/client-config'].map((path) => page(`GET ${path}`)),
  ...['/docs', '/docs/json', '/docs/yaml'].map((path) => page(`GET ${path}`)),
  page('GET /docs/static/index.html', 302),
  page('GET /docs/static/swagger-initializer.js'),
  page('GET /docs/static/*', 404),
  page('GET /ws', 426),
  ...['/', '/photo/:id', '/search', '/uploads', '/batches', '/batches/:id', '/albums', '/albums/:id'].map((path) =>
    page(`GET ${path}`),
  ),
  ...['/trash', '/settings', '/welcome'].map((path) => page(`GET ${path}`)),
  page('GET /assets/*', 404),

  { route: 'POST /v1/auth/register', guard: 'public', owner: 400, stranger: 400, calls: [() => ({ body: {} })] },
  { route: 'POST /v1/auth/login', guard: 'public', owner: 400, stranger: 400, calls: [() => ({ body: {} })] },
  {
    route: 'POST /v1/auth/refresh',
    guard: 'public',
    owner: 401,
    stranger: 401,
    calls: [({ key }) => ({ body: { refresh_token: key } })],
  },
  {
    route: 'POST /v1/auth/logout',
    guard: 'public',
    owner: 204,
    stranger: 204,
    calls: [({ key }) => ({ body: { refresh_token: key } })],
  },
  { route: 'GET /v1/auth/me', guard: 'read', owner: 200, stranger: 200 },
  {
    route: 'POST /v1/auth/password',
    guard: 'signed-in write',
    owner: 401,
    stranger: 401,
    calls: [() => ({ body: { current_password: 'not the right one', new_password: 'a new long password' } })],
  },
  { route: 'GET /v1/auth/sessions', guard: 'signed-in read', owner: 200, stranger: 200 },
  {
    route: 'DELETE /v1/auth/sessions/:id',
    guard: 'signed-in write',
    owner: 204,
    stranger: 404,
    calls: [withId('session')],
  },
  { route: 'DELETE /v1/auth/sessions', guard: 'signed-in write', owner: 200, stranger: 200 },

  {
    route: 'POST /v1/api-keys',
    guard: 'signed-in write',
    owner: 201,
    stranger: 201,
    calls: [() => ({ body: { name: 'one more', scopes: ['read'] } })],
  },
  { route: 'GET /v1/api-keys', guard: 'signed-in read', owner: 200, stranger: 200 },
  { route: 'DELETE /v1/api-keys/:id', guard: 'signed-in write', owner: 204, stranger: 404, calls: [withId('key')] },

  { route: 'POST /v1/upload', guard: 'write', owner: 200, stranger: 201, calls: [() => ({ file: true })] },
  { route: 'GET /v1/uploads/:id', guard: 'read', owner: 200, stranger: 404, calls: [withId('upload')] },
  {
    route: 'PATCH /v1/uploads/:id',
    guard: 'write',
    owner: 200,
    stranger: 404,
    calls: [(theirs) => ({ path: theirs.upload, body: { hidden: false } })],
  },
  ...['thumbnail', 'preview'].map(
    (name): Row => ({
      route: `GET /v1/uploads/:id/${name}`,
      guard: 'read',
      owner: 200,
      stranger: 404,
      calls: [withId('upload'), withId('trashed')],
    }),
  ),
  ...['metadata', 'stages', 'file'].map(
    (name): Row => ({
      route: `GET /v1/uploads/:id/${name}`,
      guard: 'read',
      owner: 200,
      stranger: 404,
      calls: [withId('upload')],
    }),
  ),
  {
    route: 'POST /v1/uploads/bulk/hide',
    guard: 'write',
    owner: 200,
    stranger: 200,
    calls: [({ upload }) => ({ body: { upload_ids: [upload], hidden: false } })],
  },
  {
    route: 'POST /v1/archives',
    guard: 'read',
    owner: 201,
    stranger: 404,
    calls: [
      ({ upload, otherUpload }) => ({ body: { upload_ids: [upload, otherUpload] } }),
      ({ album }) => ({ body: { album_id: album } }),
    ],
  },
  { route: 'GET /v1/archives/:id', guard: 'read', owner: 200, stranger: 404, calls: [withId('archive')] },

  {
    route: 'GET /v1/uploads',
    guard: 'read',
    owner: 200,
    stranger: 200,
    calls: [nothing, ({ batch }) => ({ query: { batch_id: batch, show_hidden: 'true' } })],
  },
  {
    route: 'GET /v1/uploads/timeline',
    guard: 'read',
    owner: 200,
    stranger: 200,
    calls: [nothing, ({ batch }) => ({ query: { batch_id: batch } })],
  },
  { route: 'GET /v1/usage', guard: 'read', owner: 200, stranger: 200 },
  { route: 'GET /v1/trash', guard: 'read', owner: 200, stranger: 200 },
  {
    route: 'POST /v1/uploads/:id/restore',
    guard: 'write',
    owner: 200,
    stranger: 404,
    calls: [withId('trashed')],
  },
  {
    route: 'POST /v1/uploads/bulk/restore',
    guard: 'write',
    owner: 200,
    stranger: 200,
    calls: [({ trashed }) => ({ body: { upload_ids: [trashed] } })],
  },

  { route: 'GET /v1/batches', guard: 'read', owner: 200, stranger: 200 },
  { route: 'GET /v1/batches/:id', guard: 'read', owner: 200, stranger: 404, calls: [withId('batch')] },
  {
    route: 'POST /v1/batches',
    guard: 'write',
    owner: 201,
    stranger: 201,
    calls: [({ otherUpload }) => ({ body: { upload_ids: [otherUpload] } })],
  },
  { route: 'POST /v1/batches/:id/cancel', guard: 'write', owner: 409, stranger: 404, calls: [withId('batch')] },
  { route: 'POST /v1/batches/:id/retry', guard: 'write', owner: 409, stranger: 404, calls: [withId('batch')] },

  {
    route: 'POST /v1/search',
    guard: 'read',
    owner: 200,
    stranger: 200,
    calls: [
      () => ({ body: { query: 'harbour' } }),
      ({ batch }) => ({ body: { query: '', batch_id: batch, show_hidden: true } }),
    ],
  },
  {
    route: 'POST /v1/search/batch',
    guard: 'read',
    owner: 200,
    stranger: 200,
    calls: [({ batch }) => ({ body: { searches: [{ query: 'harbour' }, { query: '', batch_id: batch }] } })],
  },
  { route: 'POST /v1/search/image', guard: 'read', owner: 200, stranger: 200, calls: [() => ({ file: true })] },
  { route: 'GET /v1/search/similar/:id', guard: 'read', owner: 200, stranger: 404, calls: [withId('upload')] },
  {
    route: 'GET /v1/search/suggestions',
    guard: 'read',
    owner: 200,
    stranger: 200,
    calls: [() => ({ query: { prefix: 'har' } })],
  },
  { route: 'GET /v1/search/stats', guard: 'read', owner: 200, stranger: 200 },
  { route: 'GET /v1/searches', guard: 'read', owner: 200, stranger: 200 },
  {
    route: 'POST /v1/searches',
    guard: 'write',
    owner: 201,
    stranger: 201,
    calls: [({ batch }) => ({ body: { name: 'kept', query: 'harbour', filter: { batch_id: batch } } })],
  },
  { route: 'GET /v1/searches/:id', guard: 'read', owner: 200, stranger: 404, calls: [withId('search')] },
  {
    route: 'PATCH /v1/searches/:id',
    guard: 'write',
    owner: 200,
    stranger: 404,
    calls: [({ search }) => ({ path: search, body: rename })],
  },
  {
    route: 'POST /v1/searches/:id/run',
    guard: 'read',
    owner: 200,
    stranger: 404,
    calls: [({ search }) => ({ path: search, body: {} })],
  },

  { route: 'GET /v1/duplicates', guard: 'read', owner: 200, stranger: 200 },
  {
    route: 'POST /v1/duplicates/resolve',
    guard: 'write',
    owner: 200,
    stranger: 404,
    calls: [
      ({ upload, trashed }) => ({ body: { keep_id: upload, trash_ids: [trashed] } }),
      ({ upload, otherUpload }) => ({ body: { not_duplicates: [upload, otherUpload] }, stranger: 200 }),
    ],
  },

  { route: 'GET /v1/albums', guard: 'read', owner: 200, stranger: 200 },
  {
    route: 'POST /v1/albums',
    guard: 'write',
    owner: 201,
    stranger: 201,
    calls: [
      () => ({ body: { name: 'one more' } }),
      ({ batch }) => ({ body: { name: 'r', rule: { batch_id: batch } } }),
      () => ({ body: { name: 'q', rule: { query: 'harbour lights' } } }),
      ({ batch }) => ({ body: { name: 'q', rule: { query: '-cat', batch_id: batch, show_hidden: true } } }),
      ({ search }) => ({ body: { name: 's', search_id: search }, stranger: 404 }),
    ],
  },
  { route: 'GET /v1/albums/:id', guard: 'read', owner: 200, stranger: 404, calls: [withId('album')] },
  {
    route: 'PATCH /v1/albums/:id',
    guard: 'write',
    owner: 200,
    stranger: 404,
    calls: [
      ({ album }) => ({ path: album, body: rename }),
      ({ upload }, mine) => ({ path: mine.album, body: { cover_id: upload } }),
    ],
  },
  { route: 'GET /v1/albums/:id/uploads', guard: 'read', owner: 200, stranger: 404, calls: [withId('album')] },
  {
    route: 'POST /v1/albums/:id/add',
    guard: 'write',
    owner: 200,
    stranger: 404,
    calls: [({ album, upload }) => ({ path: album, body: { upload_ids: [upload] } })],
  },
  {
    route: 'POST /v1/albums/:id/remove',
    guard: 'write',
    owner: 200,
    stranger: 404,
    calls: [({ album, otherUpload }) => ({ path: album, body: { upload_ids: [otherUpload] } })],
  },

  { route: 'GET /v1/users', guard: 'signed-in read', administrator: 200, owner: 403, stranger: 403 },
  {
    route: 'PATCH /v1/users/:id',
    guard: 'signed-in write',
    administrator: 200,
    owner: 403,
    stranger: 403,
    calls: [({ user }) => ({ path: user, body: { quota_files: 1000 } })],
  },
  { route: 'GET /v1/audit', guard: 'signed-in read', administrator: 200, owner: 403, stranger: 403 },
  { route: 'GET /v1/models', guard: 'read', administrator: 200, owner: 403, stranger: 403 },
  {
    route: 'POST /v1/models/use',
    guard: 'signed-in write',
    administrator: 409,
    owner: 403,
    stranger: 403,
    calls: [() => ({ body: { pack: 'no-such-pack' } })],
  },
  {
    route: 'DELETE /v1/models/other-vectors',
    guard: 'signed-in write',
    administrator: 200,
    owner: 403,
    stranger: 403,
  },

  // What takes things away comes last.
  {
    route: 'POST /v1/uploads/:id/regenerate-description',
    guard: 'write',
    owner: 202,
    stranger: 404,
    calls: [withId('upload')],
  },
  { route: 'DELETE /v1/searches/:id', guard: 'write', owner: 204, stranger: 404, calls: [withId('search')] },
  { route: 'DELETE /v1/albums/:id', guard: 'write', owner: 204, stranger: 404, calls: [withId('album')] },
  {
    route: 'POST /v1/uploads/bulk/delete',
    guard: 'write',
    owner: 200,
    stranger: 200,
    calls: [({ otherUpload }) => ({ body: { upload_ids: [otherUpload] } })],
  },
  { route: 'DELETE /v1/uploads/:id', guard: 'write', owner: 204, stranger: 404, calls: [withId('upload')] },
  { route: 'DELETE /v1/trash', guard: 'write', owner: 200, stranger: 200 },
]
