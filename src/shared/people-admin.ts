/** People's ways in, over HTTP: what administrators see of them under `/api/v1/people`, and what a person posts to `/api/v1/join`. */
import { z } from 'zod';
import { userFields } from './mutations/user.ts';
import { id } from './words.ts';

/** `POST /api/v1/people/invite`. Sent again with the same `userId` it makes a new link. */
export const invitation = z.strictObject({ userId: id, ...userFields.shape });
/** `link`: the path at the hub, with what lets somebody in after its `#`; told once. `until`: ms */
export const wayIn = z.strictObject({ link: z.string().max(500), until: z.int() });
export type WayIn = z.infer<typeof wayIn>;

/** `GET /api/v1/people` */
export const accessList = z.strictObject({
  people: z.array(
    z.strictObject({
      userId: id,
      /** they have chosen a password at least once */
      joined: z.boolean(),
      /** until when the link that they were given last lets them in; null: there is none */
      linkUntil: z.int().nullable(),
      /** when a console of theirs was last heard of */
      seenAt: z.int().nullable(),
    }),
  ),
});
export type Access = z.infer<typeof accessList>['people'][number];

export const passwordLeast = 10;
/** `POST /api/v1/join` */
export const joinRequest = z.strictObject({ token: z.string().min(20).max(200), password: z.string().min(passwordLeast).max(1000) });
/** What they sign in with from now on. */
export const joinAnswer = z.strictObject({ email: z.string() });
