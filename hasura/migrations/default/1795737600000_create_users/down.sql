-- The rows are lost; `make backfill-users` brings them back from the user pool.
DROP TABLE public.users;
DROP FUNCTION public.set_current_timestamp_updated_at();
