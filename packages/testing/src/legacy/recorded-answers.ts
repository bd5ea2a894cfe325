/** A request with the recorded answer of the Python server. */
export interface RecordedRequest {
  readonly what: string
  readonly method: string
  readonly target: string
  readonly body?: string | Uint8Array
  /** Default: application/json; '' is none. */
  readonly type?: string
  readonly status: number
  /** The body, read as JSON. */
  readonly answer: unknown
  readonly allow?: string
  /** A deliberately different answer of our server. `why` gives the reason. */
  readonly ours?: { readonly status: number; readonly answer: unknown; readonly why: string }
}

const done = { success: true }
const detail = (text: string) => ({ detail: text })
const fault = (loc: readonly string[], msg: string, type: string) => ({ loc, msg, type })
const faults = (...all: readonly unknown[]) => ({ detail: all })
const missing = (...loc: string[]) => fault(loc, 'field required', 'value_error.missing')
const noObject = faults(fault(['body'], 'value is not a valid dict', 'type_error.dict'))
const noText = (name: string) => fault(['body', name], 'str type expected', 'type_error.str')
const taken = detail('Username already taken or invalid.')
const noJson = faults(fault(['body'], 'the body is not JSON', 'value_error.jsondecode'))
const tooPlain = 'the parser does not report its position'
const named = 'our names are stricter'

const request =
  (method: string, target: string) => (what: string, rest: Omit<RecordedRequest, 'what' | 'method' | 'target'>) => ({
    ...{ what: `${method} ${target.replace(/\?.*/, '')}: ${what}`, method, target },
    ...rest,
  })
const register = request('POST', '/register')
const unregister = request('POST', '/unregister')
const send = request('POST', '/send')
const events = (query: string) => request('GET', `/events${query}`)
const json = (value: unknown) => JSON.stringify(value)
const notFor = (method: string, target: string, allow: string): RecordedRequest =>
  request(method, target)('the wrong method', { status: 405, answer: detail('Method Not Allowed'), allow })

/** JSON syntax errors: their positions differ by parser. */
const broken = (
  what: string,
  body: string,
  position: number,
  msg: string,
  lineno = 1,
  colno = position + 1,
): RecordedRequest =>
  register(what, {
    body,
    status: 422,
    answer: faults({
      loc: ['body', position],
      msg: `${msg}: line ${lineno} column ${colno} (char ${position})`,
      type: 'value_error.jsondecode',
      ctx: { msg, doc: body, pos: position, lineno, colno },
    }),
    ours: { status: 422, answer: noJson, why: tooPlain },
  })

const invalid = (username: string): RecordedRequest =>
  register(`the name ${JSON.stringify(username)}`, {
    body: json({ username }),
    status: 200,
    answer: done,
    ours: { status: 409, answer: taken, why: named },
  })

/** Requests in order: later ones depend on earlier ones. Ada stays registered until the end. */
export const recordedAnswers: readonly RecordedRequest[] = [
  register('a name', { body: '{"username":"Ada"}', status: 200, answer: done }),
  register('the same again', { body: '{"username":"Ada"}', status: 409, answer: taken }),
  register('an extra field', { body: '{"username":"extra","a":1}', status: 200, answer: done }),
  register('the same twice', { body: '{"username":"one","username":"two"}', status: 200, answer: done }),
  register('the last of two counts', { body: '{"username":"two"}', status: 409, answer: taken }),
  register('a number', { body: '{"username":5}', status: 200, answer: done }),
  register('its text', { body: '{"username":"5"}', status: 409, answer: taken }),
  register('a fraction', { body: '{"username":-1.5}', status: 200, answer: done }),
  register('its text', { body: '{"username":"-1.5"}', status: 409, answer: taken }),
  register('a truth', { body: '{"username":true}', status: 200, answer: done }),
  register('its text', { body: '{"username":"True"}', status: 409, answer: taken }),
  register('a number beyond exactness', {
    ...{ body: '{"username":12345678901234567890123}', status: 200, answer: done },
    ours: { status: 422, answer: faults(noText('username')), why: 'parsing would change the number' },
  }),
  register('null', {
    ...{ body: '{"username":null}', status: 422 },
    answer: faults(fault(['body', 'username'], 'none is not an allowed value', 'type_error.none.not_allowed')),
  }),
  register('a list', { body: '{"username":[]}', status: 422, answer: faults(noText('username')) }),
  register('an object', { body: '{"username":{}}', status: 422, answer: faults(noText('username')) }),
  register('nothing in it', { body: '{}', status: 422, answer: faults(missing('body', 'username')) }),
  register('an empty list', { body: '[]', status: 422, answer: faults(missing('body', 'username')) }),
  register('an empty text', { body: '""', status: 422, answer: faults(missing('body', 'username')) }),
  ...['[1]', '"x"', '5', '0', 'true', 'false'].map(body =>
    register(`no object: ${body}`, { body, status: 422, answer: noObject }),
  ),
  register('null alone', { body: 'null', status: 422, answer: faults(missing('body')) }),
  register('an empty body', { body: '', status: 422, answer: faults(missing('body')) }),
  register('no body', { status: 422, answer: faults(missing('body')) }),
  broken('a space alone', ' ', 1, 'Expecting value'),
  broken('the beginning alone', '{', 1, 'Expecting property name enclosed in double quotes'),
  broken('a comma too many', '{"username":"x",}', 16, 'Expecting property name enclosed in double quotes'),
  broken('a word', '{"username":x}', 12, 'Expecting value'),
  broken('text after the object', '{"username":"x"} y', 17, 'Extra data'),
  broken('a line break within', '{"username":"x\ny"}', 14, 'Invalid control character at'),
  broken('a break in the second line', '{"username":\n"x"', 16, "Expecting ',' delimiter", 2, 4),
  register('not a number', {
    ...{ body: '{"username":NaN}', status: 200, answer: done },
    ours: { status: 422, answer: noJson, why: 'NaN is not JSON' },
  }),
  register('bytes that are no text', {
    body: Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d),
    status: 400,
    answer: detail('There was an error parsing the body'),
  }),
  register('a byte order mark', { body: '\ufeff{"username":"bom"}', status: 200, answer: done }),
  register('plain text', { body: '{"username":"a"}', type: 'text/plain', status: 422, answer: noObject }),
  register('a form', {
    ...{ body: 'username=a', type: 'application/x-www-form-urlencoded' },
    ...{ status: 422, answer: noObject },
  }),
  register('text/json', { body: '{"username":"a"}', type: 'text/json', status: 422, answer: noObject }),
  register('no type', {
    ...{ body: '{"username":"typeless"}', type: '', status: 200, answer: done },
    ours: { status: 422, answer: noObject, why: 'a page of another origin can send that without a preflight' },
  }),
  register('a type with a charset', {
    ...{ body: '{"username":"b"}', type: 'application/json; charset=utf-8', status: 200, answer: done },
  }),
  register('a vendor type', {
    ...{ body: '{"username":"c"}', type: 'application/vnd.api+json', status: 200, answer: done },
  }),
  register('a type in capitals', { body: '{"username":"d"}', type: 'Application/JSON', status: 200, answer: done }),
  ...['', '  ', 'Server', ' sp', 'a:b', 'ada', 'ｅ', 'line\u2028break', 'bell\u0007'].map(invalid),

  send('a message', { body: json({ username: 'Ada', message: 'hi' }), status: 200, answer: done }),
  send('a number', { body: json({ username: 'Ada', message: 5 }), status: 200, answer: done }),
  send('an empty message', {
    ...{ body: json({ username: 'Ada', message: '' }), status: 200, answer: done },
    ours: {
      status: 422,
      answer: faults({
        ...fault(['body', 'message'], 'ensure this value has at least 1 characters', 'value_error.any_str.min_length'),
        ctx: { limit_value: 1 },
      }),
      why: 'an empty message has no content',
    },
  }),
  send('a very long message', {
    ...{ body: json({ username: 'Ada', message: 'x'.repeat(20_001) }), status: 200, answer: done },
    ours: {
      status: 422,
      answer: faults(
        fault(['body', 'message'], 'A message has at most 20000 characters.', 'value_error.any_str.max_length'),
      ),
      why: 'a message must fit a page and is never cut',
    },
  }),
  send('null', {
    ...{ body: json({ username: 'Ada', message: null }), status: 422 },
    answer: faults(fault(['body', 'message'], 'none is not an allowed value', 'type_error.none.not_allowed')),
  }),
  send('no message', { body: json({ username: 'Ada' }), status: 422, answer: faults(missing('body', 'message')) }),
  send('no name', { body: json({ message: 'x' }), status: 422, answer: faults(missing('body', 'username')) }),
  send('nothing in it', {
    ...{ body: '{}', status: 422, answer: faults(missing('body', 'username'), missing('body', 'message')) },
  }),
  send('no texts', {
    ...{ body: '{"username":[],"message":{}}', status: 422 },
    answer: faults(noText('username'), noText('message')),
  }),
  send('an unregistered name', {
    ...{ body: json({ username: 'nobody', message: 'hi' }), status: 404, answer: detail('User not registered') },
  }),
  send('the same in other letters', {
    ...{ body: json({ username: 'ADA', message: 'hi' }), status: 404, answer: detail('User not registered') },
  }),

  ...['', '?user=Ada'].map(query =>
    events(query)('no name', { status: 422, answer: faults(missing('query', 'username')) }),
  ),
  ...['?username=nobody', '?username=ADA', '?username=Ada&username=nobody', '?username=%ff'].map(query =>
    events(query)(query, { status: 403, answer: detail('User not registered or session invalid') }),
  ),

  unregister('an unregistered name', { body: '{"username":"nobody"}', status: 200, answer: done }),
  unregister('no name', { body: '{}', status: 422, answer: faults(missing('body', 'username')) }),
  unregister('a name', { body: '{"username":"Ada"}', status: 200, answer: done }),
  unregister('the same again', { body: '{"username":"Ada"}', status: 200, answer: done }),
  send('an unregistered name again', {
    ...{ body: json({ username: 'Ada', message: 'hi' }), status: 404, answer: detail('User not registered') },
  }),
  register('an unregistered name again', { body: '{"username":"Ada"}', status: 200, answer: done }),

  ...['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'].map(method => notFor(method, '/register', 'POST')),
  notFor('GET', '/send', 'POST'),
  notFor('GET', '/unregister', 'POST'),
  ...['POST', 'HEAD', 'OPTIONS'].map(method => notFor(method, '/events?username=Ada', 'GET')),
]

/** Sends a request and returns the answer in the shape of `expected`. */
export async function ask(url: string, { method, target, body, type = 'application/json' }: RecordedRequest) {
  // Bytes get no type of their own.
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
  const headers: HeadersInit = body === undefined || type === '' ? {} : { 'content-type': type }
  const response = await fetch(url + target, { method, headers, ...(bytes && { body: bytes as BodyInit }) })
  const text = await response.text()
  const allow = response.headers.get('allow')
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    answer: text === '' ? undefined : (JSON.parse(text) as unknown),
    ...(allow !== null && { allow }),
  }
}

/** Returns the expected answer of the Python server, or of ours. */
export const expected = ({ method, status, answer, allow, ours }: RecordedRequest, of: 'theirs' | 'ours') => ({
  status: of === 'ours' && ours ? ours.status : status,
  type: 'application/json',
  answer: method === 'HEAD' ? undefined : of === 'ours' && ours ? ours.answer : answer,
  ...(allow !== undefined && { allow }),
})
