-- Deletes all rows; `phenom backfill-users` restores them from the user pool.
DROP TABLE public.users;
DROP FUNCTION public.set_current_timestamp_updated_at();
