/*
 * The migration protocol of one key, stated a second time and independently of the code that runs: by hand, from
 * functions/protocol/README.md, for spin (G. J. Holzmann, The SPIN Model Checker). A mistake in our own model checker, or in
 * what it shares with the code, does not hide here.
 *
 * Two writers, a reader that reads twice, and a converge, each in either of two neighbouring phases; then everything comes
 * to rest and is read once more. LOW and HIGH are the phases, FAULTS calls may lose their answer, done or not; READS and CONVERGES are how many there are.
 * With MORTAL, the first writer's document has an expiry, which may come at any time. With LATE, a second reader stands in the second
 * writer's place: of what it sees, only the first writer's document counts.
 * Not covered: forced moves, and so what is done for keys that only those leave: a handed-off key in expand or seal, a key in settle that
 * Couchbase alone holds in its newest version, and the tombstone that a DELETE of nothing leaves in settle. Here settle takes such a key
 * over with what Oracle holds, and a writer in switch that is overtaken so writes through Oracle; both ways are linearizable.
 * Asserted: every answer is linearizable; at rest both stores hold the same.
 *
 *     spin -a -DLOW=SEAL -DHIGH=SWITCH -DFAULTS=1 protocol.pml && cc -O2 -DSAFETY -DCOLLAPSE -o pan pan.c && ./pan -m100000
 */
#define EXPAND 1
#define SEAL 2
#define SWITCH 3
#define SETTLE 4

#ifndef LOW
#define LOW SEAL
#define HIGH SWITCH
#endif
#ifndef FAULTS
#define FAULTS 0
#endif
#ifndef READS
#define READS 2
#endif
#ifndef CONVERGES
#define CONVERGES 1
#endif

#define ABSENT 0   /* of values: 1 and 2 are those of the writers, 3 is what was there before */
#define NONE 0     /* of handoff: Couchbase orders the key */
#define CAS 0      /* of versions that Couchbase is given: its CAS is the version */
#define PLACEHOLDER -1 /* and a marker that says nothing has none */
#define ATTEMPTS 5

/* Couchbase: content, effective version, CAS; a CAS of 0 is no document, a CAS without content is a marker: without a version, too, a placeholder. */
byte cc; short cv; short ccas;
/* Oracle: content, version (0 is no row), handoff, handback. */
byte oc; short ov; short oh; short ob;
/* Couchbase's clock is far ahead of versions that are counted. */
short clock = 100;
byte faults = FAULTS;
#ifdef MORTAL
byte running = 4 + CONVERGES;
#else
byte running = 3 + CONVERGES;
#endif
bit expired;

/* --- Linearizability: all explanations of what was answered so far ----------------------------------------------- */
/* An explanation is the register's value, whether either write has taken effect, and what the pending read has read. */
#define AT(v, a, b, r) ((((v) * 2 + (a)) * 2 + (b)) * 5 + (r))
bit possible[80];
bit pending1, pending2, reading;
byte value1, value2;
hidden byte iv, ia, ib, ir; hidden byte grown; hidden byte remaining;

inline close() {
  grown = 1;
  do
  :: grown ->
    grown = 0;
    for (iv : 0 .. 3) { for (ia : 0 .. 1) { for (ib : 0 .. 1) { for (ir : 0 .. 4) {
      if
      :: possible[AT(iv, ia, ib, ir)] ->
        if
        :: pending1 && !ia && !possible[AT(value1, 1, ib, ir)] -> possible[AT(value1, 1, ib, ir)] = 1; grown = 1
        :: else
        fi;
        if
#ifndef LATE
        :: pending2 && !ib && !possible[AT(value2, ia, 1, ir)] -> possible[AT(value2, ia, 1, ir)] = 1; grown = 1
#else
        :: pending2 && !ib && iv == 1 && !possible[AT(iv, ia, 1, ir)] -> possible[AT(iv, ia, 1, ir)] = 1; grown = 1
#endif
        :: else
        fi;
        if
        :: reading && ir == 0 && !possible[AT(iv, ia, ib, iv + 1)] -> possible[AT(iv, ia, ib, iv + 1)] = 1; grown = 1
        :: else
        fi
      :: else
      fi
    } } } }
  :: else -> break
  od;
  iv = 0; ia = 0; ib = 0; ir = 0
}

inline begin_write(me, v) {
  d_step {
    if
    :: me == 1 -> pending1 = 1; value1 = (v == 1 && expired -> ABSENT : v)
    :: else -> pending2 = 1; value2 = v
    fi;
    close()
  }
}

/* It was acknowledged: only explanations in which it has taken effect are left. */
inline end_write(me) {
  d_step {
    remaining = 0;
    for (iv : 0 .. 3) { for (ia : 0 .. 1) { for (ib : 0 .. 1) { for (ir : 0 .. 4) {
      if
      :: (me == 1 && !ia) || (me == 2 && !ib) -> possible[AT(iv, ia, ib, ir)] = 0
      :: else
      fi;
      remaining = remaining + possible[AT(iv, ia, ib, ir)]
    } } } }
    iv = 0; ia = 0; ib = 0; ir = 0;
    assert(remaining > 0);
    remaining = 0
  }
}

inline begin_read() { d_step { reading = 1; close() } }

inline end_read(v) {
  d_step {
    remaining = 0;
    for (iv : 0 .. 3) { for (ia : 0 .. 1) { for (ib : 0 .. 1) {
      possible[AT(iv, ia, ib, 0)] = possible[AT(iv, ia, ib, v + 1)];
      remaining = remaining + possible[AT(iv, ia, ib, 0)];
      for (ir : 1 .. 4) { possible[AT(iv, ia, ib, ir)] = 0 }
    } } }
    iv = 0; ia = 0; ib = 0; ir = 0;
    assert(remaining > 0);
    remaining = 0;
    reading = 0
  }
}

/* The time of the first writer's document is up: in both stores at once, whether it is there already, or not yet. */
inline expire() {
  d_step {
    close();
    for (ia : 0 .. 1) { for (ib : 0 .. 1) { for (ir : 0 .. 4) {
      if
      :: possible[AT(1, ia, ib, ir)] -> possible[AT(1, ia, ib, ir)] = 0; possible[AT(ABSENT, ia, ib, ir)] = 1
      :: else
      fi
    } } }
    ia = 0; ib = 0; ir = 0;
    expired = 1;
    if
    :: value1 == 1 -> value1 = ABSENT
    :: else
    fi;
    close();
    if
    :: cc == 1 -> cc = ABSENT; cv = 0; ccas = 0
    :: else
    fi;
    if
    :: oc == 1 -> oc = ABSENT
    :: else
    fi
  }
}

/* --- Calls to stores: each is atomic, and may lose its answer ------------------------------------------------------ */
/* lost: 0 answered, 1 done and not answered, 2 not done. */
#define LOCALS \
  byte lost, hc, rc, sc, outcome, carried, n, m; \
  short hv, hcas, rv, rh, rb, sv, scas, first, wv, wcas, ncas, nv, next; \
  bit ok, reversioned, noop, behind, inside, again

inline chance() {
  if
  :: lost = 0
  :: faults > 0 -> faults--; lost = 1
  :: faults > 0 -> faults--; lost = 2
  fi
}

inline c_read() { d_step { hc = cc; hv = cv; hcas = ccas } }
inline o_read() { d_step { rc = oc; rv = ov; rh = oh; rb = ob } }

/* What is stored when its time is up already is gone at once. */
inline c_store(content, version) {
  clock = clock + 20; ncas = clock; ccas = clock; cc = content;
  if
  :: version == CAS -> cv = clock
  :: version == PLACEHOLDER -> cv = 0
  :: else -> cv = version
  fi;
  if
  :: cc == 1 && expired -> cc = ABSENT; cv = 0; ccas = 0
  :: else
  fi
}

/* ncas: the new CAS, 0 where the guard failed. */
inline c_swap(guard, content, version) {
  atomic {
    chance();
    ncas = 0;
    if
    :: lost != 2 && ccas == guard -> c_store(content, version)
    :: else
    fi
  }
}

inline c_upsert(content) {
  atomic {
    chance();
    if
    :: lost != 2 -> c_store(content, CAS)
    :: else
    fi
  }
}

/* ncas: the CAS of the removal, 0 where there was nothing. */
inline c_remove() {
  atomic {
    chance();
    ncas = 0;
    if
    :: lost != 2 && ccas != 0 -> clock = clock + 20; ncas = clock; ccas = 0; cv = 0; cc = ABSENT
    :: else
    fi
  }
}

inline c_erase(guard) {
  atomic {
    chance();
    if
    :: lost != 2 && ccas == guard -> clock = clock + 20; ccas = 0; cv = 0; cc = ABSENT
    :: else
    fi
  }
}

inline o_store(content, version) {
  ov = version;
  oc = (content == 1 && expired -> ABSENT : content)
}

inline o_apply(content, version) {
  atomic {
    chance();
    ok = 0;
    if
#ifndef BUG_UNGUARDED_COPY
    :: lost != 2 && oh == NONE && version > ov && version > ob -> o_store(content, version); ok = 1
#else
    :: lost != 2 && oh == NONE -> o_store(content, version); ok = 1
#endif
    :: else
    fi
  }
}

/* Oracle orders the key from this version on, or since earlier. A row that there was not has none, which is below all others. */
inline handed(handoff, version) {
  if
  :: handoff == NONE && version == 0 -> handoff = -1
  :: handoff == NONE && version != 0 -> handoff = version
  :: else
  fi
}

/* nv: the new version, 0 where nothing was written. */
inline o_write(content, only) {
  atomic {
    chance();
    nv = 0;
    if
#ifndef BUG_ORDER_BELIEVED
    :: lost != 2 && (!(only) || oh != NONE) && (content != ABSENT || oc != ABSENT) ->
      handed(oh, ov);
      o_store(content, ov + 1); nv = ov
#else
    :: lost != 2 -> o_store(content, ov + 1); nv = ov
#endif
    :: else
    fi
  }
}

/* Version, handoff and handback of the row that was read, if it is still the same. */
inline o_swap(content, version, handoff, handback) {
  atomic {
    chance();
    ok = 0;
    if
    :: lost != 2 && ov == rv && oh == rh && ob == rb -> o_store(content, version); oh = handoff; ob = handback; ok = 1
    :: else
    fi
  }
}

/* --- What Couchbase says of a key --------------------------------------------------------------------------------- */
#define COPY (hcas != hv)
#define PLACEHELD (hcas != 0 && hc == ABSENT && hv == 0)
#define OUTDATED (COPY && rh == NONE && hv < rv)
#define NOTHING(phase) (hcas == 0 || PLACEHELD || ((phase) == SWITCH && OUTDATED))
#define AGREE ((hcas == 0 || PLACEHELD) && rc == ABSENT || hcas != 0 && hc == rc && hv == rv)
#ifndef BUG_GAP_IGNORED
#define GAP(phase) (rc != ABSENT && NOTHING(phase) && ((phase) != SWITCH || hcas == 0 || rb < hcas))
#else
#define GAP(phase) ((phase) == EXPAND && rc != ABSENT && hcas == 0)
#endif
#define FLOOR (rv > rb -> rv : rb)

/* One step towards both stores saying the same. */
inline fill_gap(phase) {
  if
  :: phase == EXPAND -> o_swap(ABSENT, rv + 1, rh, rb)
  :: phase == SEAL -> c_swap(hcas, ABSENT, CAS)
  :: phase == SWITCH && hcas == 0 -> c_swap(0, ABSENT, PLACEHOLDER)
#ifndef BUG_NO_FENCE
  :: phase == SWITCH && hcas != 0 -> o_swap(rc, rv, rh, hcas)
#else
  :: phase == SWITCH && hcas != 0 -> c_swap(hcas, rc, rv)
#endif
  fi
}

/* --- Steps --------------------------------------------------------------------------------------------------------- */
/* carried: 1 carried, 2 handed off, 3 undone, 4 failed. From (sc, sv, scas); the row is in (rc, rv, rh, rb). */
inline carry() {
  carried = 0; reversioned = 0; first = sv; n = 0; inside = 1;
  do
  :: carried == 0 && n < ATTEMPTS ->
    n++;
    o_apply(sc, sv);
    if
    :: lost != 0 -> carried = 4
    :: else ->
      if
      :: ok && inside -> carried = 1
      :: else ->
        again = ok;
        o_read();
        if
        :: rh != NONE -> carried = 2
        :: rh == NONE && rb > first -> carried = 3
        :: rh == NONE && rb <= first && (again || (rv == sv && rc == sc)) -> carried = 1
        :: rh == NONE && rb <= first && !(again || (rv == sv && rc == sc)) ->
          if
          :: FLOOR < sv
          :: else ->
            c_read();
            if
            :: NOTHING(SWITCH) -> carried = 1
            :: !NOTHING(SWITCH) && hcas != scas -> sc = hc; sv = hv; scas = hcas; inside = 0
            :: !NOTHING(SWITCH) && hcas == scas ->
              inside = 0;
              next = FLOOR + 1;
              c_swap(scas, sc, next);
              if
              :: lost != 0 -> carried = 4
              :: lost == 0 && ncas != 0 -> sv = next; scas = ncas; reversioned = 1
              :: lost == 0 && ncas == 0 ->
                c_read();
                reversioned = 1;
                if
                :: hcas == 0 -> carried = 1
                :: else -> sc = hc; sv = hv; scas = hcas
                fi
              fi
            fi
          fi
        fi
      fi
    fi
  :: else -> break
  od;
  if
  :: carried == 0 -> carried = 4
  :: else
  fi
}

/* Whatever becomes of it, a receipt stands in. */
inline push(content, version, final) {
  nv = version; m = 0; again = 1;
  do
  :: again && m < ATTEMPTS ->
    m++;
    c_read();
    if
    :: hv < nv && !(final) && hcas == 0 -> c_swap(0, ABSENT, PLACEHOLDER)
    :: hv < nv && ((final) || hcas != 0) ->
      if
      :: !(final) && PLACEHELD ->
        o_read();
        if
        :: rv != nv || rh == NONE -> again = 0
        :: else
        fi
      :: else
      fi;
      if
      :: again ->
        c_swap(hcas, content, nv);
        if
        :: lost != 0 || ncas != 0 -> again = 0
        :: else
        fi
      :: else
      fi
    :: hv >= nv ->
      if
      :: hv == nv && hc == content -> again = 0
      :: else ->
        o_read();
        if
        :: rv != nv || rc != content || rh == NONE -> again = 0
        :: else ->
          next = hv + 1;
          o_swap(rc, next, rh, rb);
          if
          :: lost != 0 || !ok -> again = 0
          :: else -> nv = next
          fi
        fi
      fi
    fi
  :: else -> break
  od
}

/* outcome: 0 again, 1 done, 2 unknown. */
inline oracle_ordered(val, only) {
  outcome = 3; m = 0;
  do
  :: outcome == 3 && m < ATTEMPTS ->
    m++;
    o_write(val, only);
    if
    :: lost != 0 -> outcome = 2
    :: lost == 0 && nv != 0 -> push(val, nv, !(only)); outcome = 1
    :: lost == 0 && nv == 0 ->
      o_read();
      if
      :: only && rh == NONE -> outcome = 0
      :: !(only && rh == NONE) && val == ABSENT && rc == ABSENT -> outcome = 1
      :: else
      fi
    fi
  :: else -> break
  od;
  if
  :: outcome == 3 -> outcome = 2
  :: else
  fi
}

/* What Couchbase holds since our swap, in (wv, wcas), comes to Oracle before anybody is answered. */
inline seal(val) {
  outcome = 0;
  do
  :: outcome == 0 ->
    sc = val; sv = wv; scas = wcas;
    carry();
    if
    :: carried == 1 -> outcome = 1
    :: carried > 2 || (carried == 2 && reversioned) -> outcome = 2
    :: carried == 2 && !reversioned ->
      if
      :: rb > wv -> outcome = 2
#ifndef BUG_NEVER_SEEN
      :: rb <= wv && rh >= wv -> outcome = 1
      :: rb <= wv && rh < wv -> oracle_ordered(val, 1)
#else
      :: rb <= wv -> outcome = 1
#endif
      fi
    fi
  :: else -> break
  od
}

inline sealed_write(val, phase) {
  outcome = 0;
  do
  :: outcome == 0 ->
    o_read();
    if
    :: rh != NONE -> oracle_ordered(val, 1)
    :: else ->
      c_read();
      if
      :: COPY -> o_read()
      :: else
      fi;
      noop = (val == ABSENT && hc == ABSENT);
      behind = (hv <= FLOOR);
      if
      :: !GAP(phase) && hcas != 0 && NOTHING(phase) -> noop = (val == ABSENT && rc == ABSENT); hc = rc; hv = rv
      :: else
      fi;
      if
      :: rh != NONE
      :: rh == NONE && GAP(phase) -> fill_gap(phase)
      :: rh == NONE && !GAP(phase) && !(hcas == 0 || (hc == rc && hv == rv)) && (noop || behind) ->
        sc = hc; sv = hv; scas = hcas; wcas = behind;
        carry();
        if
        :: carried == 4 -> outcome = 2
        :: carried == 1 && !wcas && noop -> outcome = 1
        :: else
        fi
      :: rh == NONE && !GAP(phase) && (hcas == 0 || (hc == rc && hv == rv)) && noop -> outcome = 1
      :: else ->
        c_swap(hcas, val, CAS);
        if
        :: lost != 0 -> outcome = 2
        :: lost == 0 && ncas == 0
#ifndef BUG_ANSWERED_EARLY
        :: lost == 0 && ncas != 0 -> wv = ncas; wcas = ncas; seal(val)
#else
        :: lost == 0 && ncas != 0 -> end_write(me); wv = ncas; wcas = ncas; seal(val)
#endif
        fi
      fi
    fi
  :: else -> break
  od
}

inline couchbase_first(val) {
  if
  :: val == ABSENT -> c_remove()
  :: else -> c_upsert(val)
  fi;
  if
  :: lost != 0 -> outcome = 2
  :: else ->
    outcome = 1;
    if
    :: ncas != 0 -> wv = ncas; o_apply(val, wv)
    :: else
    fi
  fi
}

/* The value is in hc; outcome: 1 answered, 2 failed. */
inline read_as(phase) {
  outcome = 1;
  if
  :: phase == SWITCH || phase == SETTLE -> o_read(); hc = rc
  :: phase == EXPAND -> c_read()
  :: phase == SEAL ->
#ifndef BUG_READ_WITHOUT_CARRY
    outcome = 0;
    do
    :: outcome == 0 ->
      c_read();
      o_read();
      wcas = hc;
      if
      :: AGREE -> outcome = 1
      :: !AGREE && NOTHING(SEAL) && rh != NONE -> hc = rc; outcome = 1
      :: !AGREE && NOTHING(SEAL) && rh == NONE ->
        fill_gap(SEAL);
        if
        :: lost != 0 -> outcome = 2
        :: else
        fi
      :: !AGREE && !NOTHING(SEAL) ->
        sc = hc; sv = hv; scas = hcas;
        carry();
        if
#if defined(MORTAL) && !defined(BUG_EXPIRED_SHOWN)
        :: carried == 1 && wcas == 1
        :: carried == 1 && wcas != 1 -> hc = wcas; outcome = 1
#else
        :: carried == 1 -> hc = wcas; outcome = 1
#endif
        :: carried == 2 -> hc = rc; outcome = 1
        :: carried == 3
        :: carried == 4 -> outcome = 2
        fi
      fi
    :: else -> break
    od
#else
    c_read()
#endif
  fi
}

/* again: 0 equal, 1 not yet. A marker stays: that it may go is a matter of time, which is not here. */
inline look(phase) {
  again = 1; lost = 0;
  if
  :: phase == SETTLE -> c_read(); o_read(); sc = 1
  :: else ->
    o_read(); c_read();
    if
    :: rh == NONE -> sc = 0
    :: else -> o_read(); sc = 1
    fi
  fi;
  if
  :: sc == 0 ->
    if
    :: GAP(phase) -> fill_gap(phase)
    :: !GAP(phase) && hcas == 0 -> again = 0
    :: !GAP(phase) && hcas != 0 && hv == rv && hc == rc ->
      if
      :: hc == ABSENT && phase == EXPAND -> c_erase(hcas)
      :: else -> again = 0
      fi
    :: !GAP(phase) && hcas != 0 && !(hv == rv && hc == rc) && NOTHING(phase) -> c_swap(hcas, rc, rv)
    :: !GAP(phase) && !(hv == rv && hc == rc) && !NOTHING(phase) && hv > FLOOR ->
      o_apply(hc, hv);
      if
      :: lost == 0 && ok && hc != ABSENT -> again = 0
      :: else
      fi
    :: !GAP(phase) && !(hv == rv && hc == rc) && !NOTHING(phase) && hv <= FLOOR -> next = FLOOR + 1; c_swap(hcas, hc, next)
    fi
  :: else ->
    if
    :: phase != SETTLE && rh == NONE
    :: !(phase != SETTLE && rh == NONE) ->
      if
      :: hcas == 0 && rc == ABSENT && (phase == SETTLE || rv == 0) -> again = 0
      :: hcas != 0 && hv == rv && hc == rc ->
        if
        :: phase == SETTLE -> again = 0
        :: else ->
          o_swap(rc, rv, NONE, hcas);
          if
          :: lost == 0 && ok && hc != ABSENT -> again = 0
          :: else
          fi
        fi
      :: !(hcas == 0 && rc == ABSENT && (phase == SETTLE || rv == 0)) && !(hcas != 0 && hv == rv && hc == rc) ->
        if
        :: rh == NONE || hv >= rv ->
          next = rv;
          if
          :: hv >= rv -> next = hv + 1
          :: else
          fi;
          wv = rh;
          handed(wv, rv);
          o_swap(rc, next, wv, rb)
        :: !(rh == NONE || hv >= rv) && phase != SETTLE && hcas == 0 -> c_swap(0, ABSENT, PLACEHOLDER)
        :: !(rh == NONE || hv >= rv) && (phase == SETTLE || hcas != 0) -> c_swap(hcas, rc, rv)
        fi
      fi
    fi
  fi
}

proctype Time() {
  if
  :: expire()
  :: true
  fi;
  running--
}

proctype Writer(byte me; byte phase) {
  LOCALS;
  byte val;
  if
  :: val = me
  :: val = ABSENT
  fi;
  begin_write(me, val);
  if
  :: phase == EXPAND -> couchbase_first(val)
  :: phase == SEAL || phase == SWITCH -> sealed_write(val, phase)
  :: phase == SETTLE -> oracle_ordered(val, 0)
  fi;
  atomic {
    if
    :: outcome == 1 -> end_write(me)
    :: else
    fi;
    running--
  }
}

#ifdef LATE
proctype Late(byte phase) {
  LOCALS;
  begin_write(2, ABSENT);
  read_as(phase);
  if
  :: outcome == 1 && hc == 1 -> end_write(2)
  :: else
  fi;
  running--
}
#endif

proctype Reader(byte phase1; byte phase2) {
  LOCALS;
  begin_read();
  read_as(phase1);
  if
  :: outcome == 1 ->
    end_read(hc);
#if READS > 1
    begin_read();
    read_as(phase2);
    if
    :: outcome == 1 -> end_read(hc)
    :: else
    fi
#endif
  :: else
  fi;
  running--
}

/* One receipt, or what a repair sends: it may end before both agree. */
proctype Converge(byte phase) {
  LOCALS;
  n = 0; again = 1;
  do
  :: again && n < 2 -> n++; look(phase)
  :: else -> break
  od;
  running--
}

/* Everything has come to rest, in one of both phases: receipts are settled, both stores agree, and it is read once more. */
proctype Rest(byte phase) {
  LOCALS;
  running == 0;
  faults = 0; reading = 0;
  n = 0; again = 1;
  do
  :: again -> n++; assert(n < 16); look(phase)
  :: else -> break
  od;
  assert((ccas == 0 && oc == ABSENT) || (cc == oc && cv == ov));
  begin_read();
  if
  :: phase == SETTLE || phase == SWITCH -> end_read(oc)
  :: else -> end_read(cc)
  fi
}

inline either(variable) {
  if
  :: variable = LOW
  :: variable = HIGH
  fi
}

init {
  byte a, b, r1, r2, c, last, before;
  atomic {
    if
    :: before = 3; cc = 3; cv = 50; ccas = 50; oc = 3; ov = 50
#if HIGH == SETTLE
    /* Oracle has ordered it already. */
    :: before = 3; cc = 3; cv = 51; ccas = 60; oc = 3; ov = 51; oh = 50
#endif
    :: before = ABSENT
    fi;
    possible[AT(before, 0, 0, 0)] = 1;
    either(a); either(b); either(r1); either(r2); either(c); either(last);
    run Writer(1, a); run Reader(r1, r2);
#ifndef LATE
    run Writer(2, b);
#else
    run Late(b);
#endif
#if CONVERGES
    run Converge(c);
#endif
#ifdef MORTAL
    run Time();
#endif
    run Rest(last)
  }
}
