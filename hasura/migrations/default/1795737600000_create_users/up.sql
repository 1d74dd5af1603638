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

COMMENT ON TABLE public.users IS 'People who sign in; kept in step with the Cognito user pool by user_sync.';
COMMENT ON COLUMN public.users.id IS 'The sub of the Cognito user, which never changes.';
COMMENT ON COLUMN public.users.email IS 'As Cognito has it; absent where the user has none.';
COMMENT ON COLUMN public.users.email_verified IS 'Whether Cognito holds the address for proven.';
COMMENT ON COLUMN public.users.display_name IS 'The name that others see.';
COMMENT ON COLUMN public.users.avatar_url IS 'Where the picture of the user is.';
COMMENT ON COLUMN public.users.locale IS 'Preferred language, as a BCP 47 tag.';
COMMENT ON COLUMN public.users.last_sign_in_at IS 'The latest sign-in that was synced; absent before the first.';
COMMENT ON COLUMN public.users.synced_at IS 'The time of the sign-in or backfill that the row tells of: older data never overwrites newer.';
COMMENT ON COLUMN public.users.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.users.updated_at IS 'When the row was last written; kept by a trigger.';
