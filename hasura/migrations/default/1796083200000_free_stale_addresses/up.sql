-- An address belongs to the row of the newest user for whom Cognito has verified it, regardless of letter case. A user
-- who was deleted, has another address by now, or never verified it does not keep the row of another out.

-- No sign-in reads or writes between the steps. The table has one row per user, so they take seconds at most.
LOCK TABLE public.users;

ALTER TABLE public.users DROP CONSTRAINT IF EXISTS users_email_key;

-- Addresses that differ in letter case only were allowed. `phenom backfill-users` writes what this clears wrongly.
UPDATE public.users AS older SET email = NULL, email_verified = false
WHERE older.email_verified AND EXISTS (
    SELECT FROM public.users AS newer
    WHERE newer.email_verified AND lower(newer.email) = lower(older.email)
        AND (newer.synced_at, newer.id) > (older.synced_at, older.id)
);

CREATE UNIQUE INDEX users_verified_email ON public.users (lower(email)) WHERE email_verified;

CREATE FUNCTION public.give_address_to_newest_user() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    IF NEW.email IS NULL OR NOT NEW.email_verified THEN
        RETURN NEW;
    END IF;
    -- Makes users who sign in with the same address at the same moment wait for each other's commit.
    PERFORM pg_advisory_xact_lock(TG_RELID::integer, hashtext(lower(NEW.email)));
    IF EXISTS (
        SELECT FROM public.users
        WHERE email_verified AND lower(email) = lower(NEW.email) AND id <> NEW.id
            AND (synced_at, id) > (NEW.synced_at, NEW.id)
    ) THEN
        NEW.email = NULL;
        NEW.email_verified = false;
    ELSE
        UPDATE public.users SET email = NULL, email_verified = false
        WHERE email_verified AND lower(email) = lower(NEW.email) AND id <> NEW.id;
    END IF;
    RETURN NEW;
END;
$$;

CREATE TRIGGER give_address_to_newest_user
    BEFORE INSERT OR UPDATE OF email, email_verified ON public.users
    FOR EACH ROW
    EXECUTE FUNCTION public.give_address_to_newest_user();

COMMENT ON COLUMN public.users.email IS 'The e-mail address in Cognito; null when the user has none, or when a newer user has verified it.';

-- user_sync writes only URLs of the web since this version; earlier ones may be javascript: or data:.
UPDATE public.users SET avatar_url = NULL WHERE avatar_url !~* '^https?://';
