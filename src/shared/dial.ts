/** Calling by a click. */
import { z } from 'zod';

/**
 * `POST /api/v1/calls`: the exchange rings the agent and puts them through. 404: none dials for this agent, so their own phone may; 422:
 * it would not.
 */
export const dialRequest = z.strictObject({ phone: z.string().min(3).max(40) });
