/**
 * Search. Text is folded as `src/shared/fold.ts` does it (case, tones and `đ` fall together, NFC and NFD are the same) and cut into
 * words at everything that is neither letter nor digit; a phone number in it stands there once more, in its national form.
 */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // Reading every message there is may take minutes.
  `set local statement_timeout = 0`,
  // Names no other function: an index is built without a search path. The marks are those of Vietnamese and its neighbours; what the
  // parser of text search would take together (hosts, addresses, signed numbers) is cut apart.
  String.raw`create function truc_words(value text) returns tsvector language plpgsql immutable parallel safe as $$
    declare
      folded text := translate(
        lower(translate(normalize(value, NFD), U&'\0300\0301\0303\0309\0323\0302\0306\031B\0304\0307\0308\030A\030B\030C\0327\0328', '')),
        'đĐ', 'dd');
      numbers text;
    begin
      if folded ~ '\d(\D{0,2}\d){8}' then
        select string_agg(regexp_replace(regexp_replace(hit.parts[1], '\D', '', 'g'), '^84', '0'), ' ') into numbers
        from regexp_matches(folded, '((?:\+\s?84|\m84|\(?\m0)(?:[\s.()-]{0,2}\d){8,10})\M', 'g') as hit(parts);
      end if;
      return to_tsvector('simple', translate(folded, '.-/@_+<>&;:~=?%#', '                ') || ' ' || coalesce(numbers, ''));
    end $$`,
  // Kept with the row: the newest messages are looked through one by one, and reading the words again would cost more than the look. Not
  // generated columns, for those would be made again whenever a delivery state or a clock changes.
  `alter table message add words tsvector`,
  `update message set words = truc_words(body)`,
  `create function message_words() returns trigger language plpgsql as $$ begin new.words := truc_words(new.body); return new; end $$`,
  `create trigger message_words_new before insert on message for each row execute function message_words()`,
  `create trigger message_words_changed before update on message for each row when (old.body is distinct from new.body) execute function message_words()`,
  `alter table ticket add words tsvector`,
  `create function ticket_words() returns trigger language plpgsql as $$ begin
    new.words := truc_words(new.subject || ' ' || coalesce(new.provisional_ref, '') || ' ' || new.number || ' ' || new.tags::text);
    return new;
  end $$`,
  `create trigger ticket_words_new before insert on ticket for each row execute function ticket_words()`,
  `create trigger ticket_words_changed before update on ticket for each row when (new.words is null or
    (old.subject, old.provisional_ref, old.number, old.tags) is distinct from (new.subject, new.provisional_ref, new.number, new.tags))
    execute function ticket_words()`,
  `update ticket set words = null`,
  `create index message_words on message using gin (words) with (gin_pending_list_limit = 512)`,
  `create index message_accepted on message (workspace_id, accepted_at)`,
  `create index ticket_words on ticket using gin (words) with (gin_pending_list_limit = 512)`,
  `create index customer_words on customer using gin (truc_words(name)) with (gin_pending_list_limit = 512)`,
  // Numbers by how they begin and by how they end.
  `create index identity_begins on identity (workspace_id, value text_pattern_ops)`,
  `create index identity_ends on identity (workspace_id, reverse(value) text_pattern_ops) where kind = 'phone'`,
];
