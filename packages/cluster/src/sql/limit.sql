-- Everything of ours in the database is in this schema; its functions run with the rights of its owner, so that those
-- who send requests need no right but to call parrot.lease.
-- Each names pg_temp last: a temporary table of a caller would otherwise be found before ours, and its triggers would run
-- with the rights of the owner.
create schema parrot;
create table parrot.version (version int not null);
insert into parrot.version values (1);

-- The shared limit. One row a scope: who is asked with which key for what, such as "openai/key-1/gpt-5".
-- All times are milliseconds since 1970 by this server's clock alone.
create table parrot.pace (
  scope text primary key,
  -- One place in each array for a limit: what it counts and in what window.
  dimensions text[] not null default '{}',
  windows float8[] not null default '{}',
  -- What those who share it know, and what responses have told; null where nobody said.
  told float8[] not null default '{}',
  learned float8[] not null default '{}',
  -- When everything that was granted is paid for at the pace of the limit (the generic cell rate algorithm).
  paid_at float8[] not null default '{}',
  -- What was taken in about the last window, for display.
  used float8[] not null default '{}',
  -- What was let in since the last cut.
  since float8[] not null default '{}',
  at float8 not null,
  -- The part of the limits to use: server and clients count time and tokens a little differently.
  margin float8 not null default 0.995,
  -- The part of the limits that refusals have shown to be there.
  factor float8 not null default 1,
  pause_until float8 not null default 0,
  cut_at float8 not null,
  boot timestamptz not null default pg_postmaster_start_time()
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- Who shares a scope. `load` is what a member wants, as a part of what the limit lets all of them do.
create unlogged table parrot.pace_member (
  scope text not null,
  member text not null,
  load float8 not null,
  seen float8 not null,
  primary key (scope, member)
) with (fillfactor = 50);

-- What was taken of limits over more than ten minutes, such as those of a day, in sixtieths of their window.
create table parrot.pace_spent (
  scope text not null,
  dimension text not null,
  window_ms float8 not null,
  bin bigint not null,
  amount float8 not null,
  primary key (scope, dimension, window_ms, bin)
) with (fillfactor = 50);

create function parrot.now_ms() returns float8 language sql volatile as
  $$ select extract(epoch from clock_timestamp())::float8 * 1000 $$;

-- The part of what is free that a member gets: all that wait get the same, and none more than it wants.
create function parrot.fair_part(p_scope text, p_mine float8, p_after float8) returns float8
language plpgsql security definer set search_path = pg_catalog, parrot, pg_temp as $$
declare
  other record;
  rest float8 := 1;
  others int;
  total float8;
begin
  select count(*), coalesce(sum(load), 0) into others, total from pace_member where scope = p_scope and seen > p_after and load > 0;
  if total <= 1 then return case when total > 0 then p_mine / total else 0 end; end if;
  for other in select load from pace_member where scope = p_scope and seen > p_after and load > 0 order by load loop
    if other.load * others >= rest then return least(p_mine, rest / others); end if;
    rest := rest - other.load;
    others := others - 1;
  end loop;
  return p_mine;
end $$;

-- Takes note of limits: those that were told can only be lowered while somebody else shares them.
create function parrot.note_limits(r parrot.pace, p_request jsonb, p_is_alone boolean, p_now float8) returns parrot.pace
language plpgsql security definer set search_path = pg_catalog, parrot, pg_temp as $$
declare
  noted record;
  i int;
  every float8 := (p_request->>'everyMs')::float8;
begin
  if p_is_alone then r.told := array_fill(null::float8, array[cardinality(r.dimensions)]); end if;
  for noted in
    select x->>'dimension' as dimension, (x->>'windowMs')::float8 as window_ms, (x->>'limit')::float8 as amount, is_told
    from (
      select jsonb_array_elements(p_request->'told') as x, true as is_told
      union all select jsonb_array_elements(p_request->'learned'), false
    ) as both_kinds
  loop
    i := null;
    select k into i from generate_subscripts(r.dimensions, 1) as k
      where r.dimensions[k] = noted.dimension and r.windows[k] = noted.window_ms;
    if i is null then
      i := cardinality(r.dimensions) + 1;
      r.dimensions[i] := noted.dimension;
      r.windows[i] := noted.window_ms;
      r.told[i] := null;
      r.learned[i] := null;
      r.paid_at[i] := p_now + every;
      r.used[i] := 0;
      r.since[i] := 0;
    end if;
    if noted.is_told then r.told[i] := least(r.told[i], noted.amount);
    else r.learned[i] := noted.amount; end if;
  end loop;
  return r;
end $$;

-- A refusal pauses everybody, and lowers the rate once a burst: what was let in between two bursts is the limit.
create function parrot.note_refusal(r parrot.pace, p_refusal jsonb, p_now float8) returns parrot.pace
language plpgsql security definer set search_path = pg_catalog, parrot, pg_temp as $$
declare
  sent_at float8 := p_now - (p_refusal->>'sentAgoMs')::float8;
  elapsed float8 := p_now - r.cut_at;
  measured float8 := 0;
  i int;
begin
  r.pause_until := greatest(r.pause_until, p_now + (p_refusal->>'pauseMs')::float8);
  if sent_at <= r.cut_at then return r; end if;
  for i in 1..cardinality(r.dimensions) loop
    if least(r.told[i], r.learned[i]) > 0 and r.windows[i] <= 600000 then
      measured := greatest(measured, r.since[i] * r.windows[i] / (elapsed * least(r.told[i], r.learned[i])));
    end if;
  end loop;
  -- Next to nothing was let in: a window is used up, and the refusal says nothing of its limit.
  if measured < 0.25 * r.factor and elapsed < 60000 then return r; end if;
  r.since := array_fill(0::float8, array[cardinality(r.dimensions)]);
  -- Much more than a minute says nothing of now: the limits may be used a little too sharply.
  if elapsed > 60000 and r.factor = 1 and measured > 0.9 then r.margin := greatest(r.margin - 0.001, 0.9);
  elsif elapsed > 1000 and measured > 0.05 then r.factor := least(r.factor, greatest(0.99 * measured, 0.5 * r.factor));
  else r.factor := 0.9 * r.factor; end if;
  r.cut_at := p_now;
  return r;
end $$;

-- One call of a limiter: what it wants, gives back and has been told; the answer is what it may send.
create function parrot.lease(p_scope text, p_member text, p_request jsonb) returns jsonb
language plpgsql security definer set search_path = pg_catalog, parrot, pg_temp as $$
declare
  r pace;
  now_at float8;
  every float8 := (p_request->>'everyMs')::float8;
  is_alone boolean;
  most float8[] := '{}';      -- the limit in force, at each place; null where none is
  ms float8[] := '{}';        -- milliseconds a unit takes at the pace
  room float8[] := '{}';
  want float8;
  unit float8;
  back float8;
  load float8 := 0;
  part float8;
  share float8 := 1;          -- of everything that is wanted, what is granted
  fits boolean := true;
  is_whole boolean := true;
  wait_ms float8 := 0;
  amount float8;
  free_at float8;
  granted jsonb := '{}';
  limits jsonb := '[]';
  i int;
begin
  set local synchronous_commit = off; -- A lease need not survive a loss of power: see boot.
  select * into r from pace where scope = p_scope for update;
  if not found then
    insert into pace (scope, at, cut_at) values (p_scope, now_ms(), now_ms()) on conflict do nothing;
    select * into r from pace where scope = p_scope for update;
  end if;
  now_at := greatest(now_ms(), r.at);
  if r.boot <> pg_postmaster_start_time() then
    -- The leases of the last half second before the server ended may be forgotten: they are paid for again.
    r.boot := pg_postmaster_start_time();
    r.pause_until := greatest(r.pause_until, now_at + 1000);
    for i in 1..cardinality(r.paid_at) loop r.paid_at[i] := greatest(r.paid_at[i], now_at); end loop;
  end if;
  is_alone := not exists (select from pace_member where scope = p_scope and member <> p_member and seen > now_at - 10000);
  if is_alone and not exists (select from pace_member where scope = p_scope and member = p_member and seen > now_at - 10000) then
    delete from pace_member where seen < now_at - 3600000;
    r.cut_at := now_at;
    r.since := array_fill(0::float8, array[cardinality(r.dimensions)]);
  end if;
  r := note_limits(r, p_request, is_alone, now_at);
  if jsonb_typeof(p_request->'refusal') = 'object' then r := note_refusal(r, p_request->'refusal', now_at); end if;
  if r.factor < 1 and now_at - r.cut_at > 10000 then
    r.factor := least(1, r.factor * (1 + 0.002 * least(now_at - r.at, 2000) / 1000)); -- 0.2 % a second
  end if;
  r.margin := least(0.995, r.margin + 0.0001 * (now_at - r.at) / 60000);

  for i in 1..cardinality(r.dimensions) loop
    most[i] := least(r.told[i], r.learned[i]);
    continue when most[i] is null;
    want := coalesce((p_request->'want'->>r.dimensions[i])::float8, 0);
    unit := coalesce((p_request->'unit'->>r.dimensions[i])::float8, 0);
    back := coalesce((p_request->'back'->>r.dimensions[i])::float8, 0);
    ms[i] := r.windows[i] / (most[i] * r.margin * r.factor);
    r.used[i] := greatest(0, r.used[i] * exp((r.at - now_at) / r.windows[i]) + back);
    r.since[i] := r.since[i] + back;
    if r.windows[i] > 600000 then
      if back <> 0 then perform spend(p_scope, r.dimensions[i], r.windows[i], back, now_at); end if;
      select most[i] - coalesce(sum(s.amount), 0) into amount from pace_spent as s
        where s.scope = p_scope and s.dimension = r.dimensions[i] and s.window_ms = r.windows[i]
        and s.bin > floor(now_at / r.windows[i] * 60) - 61;
      room[i] := greatest(0, amount);
      load := greatest(load, want / most[i]);
    else
      -- After a time without demand a burst of one interval is free, so that no window holds more than its limit. Where a
      -- single request takes longer than that, what was missed while nobody asked is caught up.
      if r.paid_at[i] < now_at - every then
        r.paid_at[i] := case when unit * ms[i] > every then now_at - every else now_at + every end;
      end if;
      r.paid_at[i] := r.paid_at[i] + back * ms[i];
      room[i] := greatest(0, (now_at + 2 * every - r.paid_at[i]) / ms[i]);
      if r.paid_at[i] <= now_at then room[i] := greatest(room[i], least(unit, most[i])); end if;
      load := greatest(load, want * ms[i] / every);
    end if;
  end loop;

  insert into pace_member as m values (p_scope, p_member, load, now_at)
    on conflict (scope, member) do update set load = excluded.load, seen = excluded.seen;
  part := fair_part(p_scope, load, now_at - 4 * every);
  for i in 1..cardinality(r.dimensions) loop
    continue when most[i] is null;
    want := coalesce((p_request->'want'->>r.dimensions[i])::float8, 0);
    unit := coalesce((p_request->'unit'->>r.dimensions[i])::float8, 0);
    if want > 0 then share := least(share, room[i] * part / want); end if;
    if room[i] < unit - 1e-6 then
      fits := false;
      if r.windows[i] > 600000 then
        select (s.bin + 61) * r.windows[i] / 60 into free_at
          from (select bin, sum(x.amount) over (order by x.bin) as freed from pace_spent as x
            where x.scope = p_scope and x.dimension = r.dimensions[i] and x.window_ms = r.windows[i]
            and x.bin > floor(now_at / r.windows[i] * 60) - 61) as s
          where s.freed >= unit - room[i] order by s.bin limit 1;
        wait_ms := greatest(wait_ms, coalesce(free_at, now_at + r.windows[i]) - now_at);
      else
        wait_ms := greatest(wait_ms, least((unit - room[i]) * ms[i], r.paid_at[i] - now_at));
      end if;
    end if;
  end loop;
  for i in 1..cardinality(r.dimensions) loop
    if most[i] is not null and share * coalesce((p_request->'want'->>r.dimensions[i])::float8, 0) < coalesce((p_request->'unit'->>r.dimensions[i])::float8, 0) then is_whole := false; end if;
  end loop;

  for i in 1..cardinality(r.dimensions) loop
    continue when most[i] is null;
    want := coalesce((p_request->'want'->>r.dimensions[i])::float8, 0);
    unit := coalesce((p_request->'unit'->>r.dimensions[i])::float8, 0);
    amount := case when r.pause_until > now_at or load = 0 then 0 when is_whole then share * want when fits then unit else 0 end;
    r.paid_at[i] := r.paid_at[i] + amount * ms[i];
    r.used[i] := r.used[i] + amount;
    r.since[i] := r.since[i] + amount;
    if amount > 0 and r.windows[i] > 600000 then perform spend(p_scope, r.dimensions[i], r.windows[i], amount, now_at); end if;
    granted := granted || jsonb_build_object(r.dimensions[i], amount);
    limits := limits || jsonb_build_object('dimension', r.dimensions[i], 'windowMs', r.windows[i], 'limit', most[i], 'use', r.used[i] / most[i]);
  end loop;
  update pace as p set dimensions = r.dimensions, windows = r.windows, told = r.told, learned = r.learned, paid_at = r.paid_at,
    used = r.used, since = r.since, at = now_at, margin = r.margin, factor = r.factor, pause_until = r.pause_until,
    cut_at = r.cut_at, boot = r.boot where p.scope = p_scope;
  return jsonb_build_object('granted', granted, 'limits', limits, 'pauseMs', greatest(0, r.pause_until - now_at),
    'waitMs', case when is_whole or fits then 0 else wait_ms end);
end $$;

-- Notes what was taken of a long limit.
create function parrot.spend(p_scope text, p_dimension text, p_window float8, p_amount float8, p_now float8) returns void
language plpgsql security definer set search_path = pg_catalog, parrot, pg_temp as $$
declare
  now_bin bigint := floor(p_now / p_window * 60);
begin
  insert into pace_spent as s values (p_scope, p_dimension, p_window, now_bin, p_amount)
    on conflict (scope, dimension, window_ms, bin) do update set amount = s.amount + excluded.amount;
  delete from pace_spent where scope = p_scope and dimension = p_dimension and window_ms = p_window and bin < now_bin - 64;
end $$;
