CREATE FUNCTION public.set_current_timestamp_updated_at() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    NEW.updated_at = now();
    RETURN NEW;
END;
$$;

CREATE TABLE public.users (
    id uuid NOT NULL,
    email text,
    email_verified boolean NOT NULL DEFAULT false,
    display_name text,
    avatar_url text,
    locale text,
    last_sign_in_at timestamptz,
    synced_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_email_key UNIQUE (email)
);

CREATE TRIGGER set_public_users_updated_at
    BEFORE UPDATE ON public.users
    FOR EACH ROW
    EXECUTE FUNCTION public.set_current_timestamp_updated_at();

COMMENT ON TABLE public.users IS 'Users of the Cognito user pool; user_sync keeps the rows current.';
COMMENT ON COLUMN public.users.id IS 'The sub of the Cognito user, which never changes.';
COMMENT ON COLUMN public.users.email IS 'The e-mail address in Cognito; null when the user has none.';
COMMENT ON COLUMN public.users.email_verified IS 'True when Cognito has verified the address.';
COMMENT ON COLUMN public.users.display_name IS 'The display name.';
COMMENT ON COLUMN public.users.avatar_url IS 'The URL of the user''s picture.';
COMMENT ON COLUMN public.users.locale IS 'The preferred language, as a BCP 47 tag.';
COMMENT ON COLUMN public.users.last_sign_in_at IS 'The time of the last synced sign-in; null before the first.';
COMMENT ON COLUMN public.users.synced_at IS 'The time of the sign-in or backfill that wrote the row; older data never overwrites newer data.';
COMMENT ON COLUMN public.users.created_at IS 'The time of creation.';
COMMENT ON COLUMN public.users.updated_at IS 'The time of the last update, set by a trigger.';
