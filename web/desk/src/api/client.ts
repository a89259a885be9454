// One function for every request to the API, typed by the OpenAPI document (schema.ts is made from it).
import { noteServerTime } from '../time'
import { ended, signature } from '../session'
import type { components, paths } from './schema'

export type Schemas = components['schemas']
type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

type Prefix = '/api/v1'
type Short<P> = P extends `${Prefix}${infer Rest}` ? Rest : never
type Operation<M extends Method, S extends string> = `${Prefix}${S}` extends keyof paths
  ? paths[`${Prefix}${S}`] extends { [K in M]: infer O }
    ? O
    : never
  : never
export type PathOf<M extends Method> = {
  [P in keyof paths]: paths[P] extends { [K in M]: { responses: unknown } } ? Short<P> : never
}[keyof paths]

type Json<T> = T extends { content: { 'application/json': infer J } } ? J : undefined
type Answered<O> = O extends { responses: infer R }
  ? { [S in keyof R]: S extends 200 | 201 | 202 | 204 ? Json<R[S]> : never }[keyof R]
  : never
type Query<O> = O extends { parameters: { query?: infer Q } } ? Q : never
type Body<O> = O extends { requestBody?: { content: { 'application/json': infer B } } } ? B : never
type Places<O> = O extends { parameters: { path: infer P } } ? P : never

export interface Given<O> {
  path?: Places<O>
  query?: Query<O>
  body?: Body<O>
  /** The version that was read: the change is refused where somebody else was quicker. */
  version?: number
  /** Sent again with the same key, it is done once. */
  once?: string
}

/** A refusal of the API; `message` is for people, `code` for programs. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly code: string,
    readonly status: number,
    readonly fields: { field: string; detail: string }[] = [],
  ) {
    super(message)
  }
}

export function urlOf(path: string, places: object = {}, query: object = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String((places as Record<string, unknown>)[name])),
  )
  const asked = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') asked.set(name, String(value))
  }
  const text = asked.toString()
  return `/api/v1${filled}${text ? `?${text}` : ''}`
}

export async function ask<M extends Method, P extends PathOf<M>>(
  method: M,
  path: P,
  given: Given<Operation<M, P>> = {},
): Promise<Answered<Operation<M, P>>> {
  const headers: Record<string, string> = { Accept: 'application/json', ...signature(method !== 'get') }
  if (given.version !== undefined) headers['If-Match'] = `"${given.version}"`
  if (given.once !== undefined) headers['Idempotency-Key'] = given.once
  const body = given.body ?? (method === 'post' ? {} : undefined)
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  const response = await send(urlOf(path, given.path as object, given.query as object), {
    method: method.toUpperCase(),
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (response.status === 204) return undefined as Answered<Operation<M, P>>
  return (await response.json()) as Answered<Operation<M, P>>
}

/** A request as it is, with the session's signature already in `options`. Throws `Refusal`. */
export async function send(url: string, options: RequestInit): Promise<Response> {
  let response: Response
  try {
    response = await fetch(url, { credentials: 'same-origin', cache: 'no-store', ...options })
  } catch {
    throw new Refusal('', 'unreachable', 0)
  }
  noteServerTime(response.headers.get('Date'))
  if (response.ok) return response
  if (response.status === 401) ended()
  const problem = (await response.json().catch(() => ({}))) as Partial<{
    detail: string
    title: string
    code: string
    errors: { field: string; detail: string }[]
  }>
  throw new Refusal(
    problem.detail ?? problem.title ?? `${response.status}`,
    problem.code ?? 'unexpected',
    response.status,
    problem.errors ?? [],
  )
}
