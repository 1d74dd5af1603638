-- Deletes addresses that several rows have; `phenom backfill-users` writes again what the constraint allows.
DROP TRIGGER give_address_to_newest_user ON public.users;
DROP FUNCTION public.give_address_to_newest_user();
DROP INDEX public.users_verified_email;

-- The unique constraint includes unverified addresses: a verified row keeps its address, then the newest row.
UPDATE public.users AS one SET email = NULL, email_verified = false
WHERE EXISTS (
    SELECT FROM public.users AS other
    WHERE other.email = one.email
        AND (other.email_verified, other.synced_at, other.id) > (one.email_verified, one.synced_at, one.id)
);
ALTER TABLE public.users ADD CONSTRAINT users_email_key UNIQUE (email);

COMMENT ON COLUMN public.users.email IS 'The e-mail address in Cognito; null when the user has none.';
