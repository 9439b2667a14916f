import { type Static, Type } from 'typebox'

/** What every error looks like on the wire: RFC 9457, with members of our own. */
export const ProblemSchema = Type.Object(
  {
    type: Type.String({ description: 'Always `about:blank`; `code` tells problems apart.' }),
    title: Type.String({ description: 'The phrase of the HTTP status.' }),
    status: Type.Integer(),
    detail: Type.String({ description: 'A sentence for people.' }),
    instance: Type.String({ description: 'The path that was asked for, without its query.' }),
    code: Type.String({ description: 'Stable; decide by this one.' }),
    request_id: Type.String({ description: 'Finds the request in the log of the server.' }),
    errors: Type.Optional(
      Type.Array(Type.Object({ path: Type.String({ examples: ['body/username'] }), message: Type.String() }), {
        description: 'With VALIDATION_FAILED: what is wrong, and where.',
      }),
    ),
  },
  { $id: 'Problem', description: 'RFC 9457. Some codes add members of their own.' },
)
export type Problem = Static<typeof ProblemSchema>
