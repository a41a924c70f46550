/*
 * The migration protocol of one key, stated a second time and independently of the code that runs: by hand, from
 * functions/protocol/README.md, for spin (G. J. Holzmann, The SPIN Model Checker). A mistake in our own model checker, or in
 * what it shares with the code, does not hide here.
 *
 * Two writers, a reader that reads READS times, and CONVERGES repairs, each in either of two neighbouring phases; then everything comes
 * to rest and is read once more. LOW and HIGH are the phases, FAULTS calls may lose their answer, done or not.
 * With MORTAL, the first writer's document has an expiry, which may come at any time. With LATE, a second reader stands in the second
 * writer's place: of what it sees, only the first writer's document counts.
 *
 * With FAILOVER, Couchbase may once come back with what a replica has, which is what Couchbase held at any moment before. With FALLBACK,
 * Oracle may once come back with what it held at any moment before. A store forgets while no client is at work: what a client is told of a write
 * that is under way at that moment is not promised. After that the key holds what was acknowledged, or what either store still holds.
 * With DURABLE, the replica has every mutation before the mutation is answered, and a failover at any moment breaks no promise.
 *
 * With TOUCH, somebody else answers mutations in Couchbase with touches, TOUCHES of them while others are at work, and each one from then on: a
 * touch gives a document or a marker another CAS, and perhaps another expiry; with DROPS, it leaves a document without the attribute that names
 * its version, and with the expiry that it had. With BUCKET, the bucket has a maximum TTL, or gets one, or loses it: each mutation is given an
 * expiry. Such expiries are told, compared and copied, but never come. At rest both stores hold the same expiry, after a bounded number of looks.
 *
 * Not covered: forced moves, and so what `expand` does with keys that are handed off; conditions; two failovers; others beside stores that
 * forget; what others write, and writes of clients that change nothing but the expiry.
 * Asserted: every answer is linearizable; at rest both stores hold the same; what was acknowledged, and was still in a store after the other one
 * forgot it, is in a store or set aside unless a client wrote over it; Couchbase gets back what it is seen to have forgotten.
 *
 *     spin -a -DLOW=SEAL -DHIGH=SWITCH -DFAULTS=1 protocol.pml && cc -O1 -DSAFETY -DCOLLAPSE -o pan pan.c && ./pan -m100000
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
#if defined(FAILOVER) || defined(FALLBACK)
#define FORGETS
#endif
#ifndef TOUCHES
#define TOUCHES 1
#endif
/* Where others give documents expiries, each state has one. Elsewhere there are none. */
#if defined(TOUCH) || defined(BUCKET)
#define EXPIRIES
#define EXPIRY(of) of
#define SAME_EXPIRY(a, b) (a == b)
#define EARLIER(a, b) (a != 0 && (b == 0 || a < b))
#else
#define EXPIRY(of) 0
#define SAME_EXPIRY(a, b) true
#define EARLIER(a, b) false
#endif

#define ABSENT 0   /* of values: 1 and 2 are those of the writers, 3 is what was there before */
#define NONE 0     /* of handoff: Couchbase orders the key */
#define CAS 0      /* of versions that Couchbase is given: its CAS is the version */
#define PLACEHOLDER -1 /* and a marker that says nothing has none */
#define ATTEMPTS 5

/*
 * Couchbase: content, effective version, CAS, and the CAS of the tombstone where there is no document. A CAS of 0 is no document, a CAS
 * without content is a marker: without a version, too, a placeholder.
 */
byte cc; short cv; short ccas; short cgone;
/* Oracle: content, version (0 is no row), handoff, handback. */
byte oc; short ov; short oh; short ob;
/* What was set aside. */
bit aside[4];
/* Couchbase's clock is far ahead of versions that are counted. */
short clock = 100;
byte faults = FAULTS;
byte running;
bit expired;

#ifdef EXPIRIES
/* The expiries in Couchbase and in Oracle, 0 for none, and the version that the attribute in Couchbase names, whatever its CAS is. */
short ce; short oe; short ca;
#endif
#ifdef TOUCH
/* The CAS of the last touch; how many may come while others are at work; and whether nobody else is. */
short answered; byte touches = TOUCHES; bit resting;
#endif
#ifdef BUCKET
bit limited;
#endif

#ifdef FAILOVER
/* What the replica has. */
byte kc; short kv; short kcas; short kgone;
#endif
#ifdef FALLBACK
/* What Oracle comes back with. */
byte bc; short bv; short bh; short bb;
#endif
#ifdef FORGETS
/* Clients at work; and after a store has forgotten: content that must not be gone without a trace, and 1 more than what Couchbase must get back. */
byte working; byte owed; byte due;
/* A store has forgotten what it shares in deciding, and nothing was acknowledged since: the key may hold now this, now that. */
bit fluid;
#endif

/* --- Linearizability: all explanations of what was answered so far ----------------------------------------------- */
/* An explanation is the register's value, whether either write has taken effect, and what the pending read has read. */
#define AT(v, a, b, r) ((((v) * 2 + (a)) * 2 + (b)) * 5 + (r))
bit possible[80];
bit pending1, pending2, reading;
byte value1, value2;
/* Arguments and results of the functions below. */
hidden byte given; hidden byte remaining;

c_code {
  #define EACH for (v = 0; v < 4; v++) for (a = 0; a < 2; a++) for (b = 0; b < 2; b++) for (r = 0; r < 5; r++)

  static int explain(int at) {
    if (now.possible[at]) return 0;
    now.possible[at] = 1;
    return 1;
  }

  /* What is pending takes effect, at any time. */
  static void settle_all(void) {
    int v, a, b, r, grown = 1;
    while (grown) {
      grown = 0;
      EACH if (now.possible[AT(v, a, b, r)]) {
        if (now.pending1 && !a) grown |= explain(AT(now.value1, 1, b, r));
#ifndef LATE
        if (now.pending2 && !b) grown |= explain(AT(now.value2, a, 1, r));
#else
        if (now.pending2 && !b && v == 1) grown |= explain(AT(v, a, 1, r));
#endif
        if (now.reading && r == 0) grown |= explain(AT(v, a, b, v + 1));
      }
    }
  }

  /* A write was acknowledged: only explanations in which it has taken effect are left. */
  static void written(int me) {
    int v, a, b, r;
    remaining = 0;
    EACH {
      if (me == 1 ? !a : !b) now.possible[AT(v, a, b, r)] = 0;
      remaining += now.possible[AT(v, a, b, r)];
    }
  }

  static void shown(int value) {
    int v, a, b, r;
    remaining = 0;
#ifdef FORGETS
    if (now.fluid) {
      EACH if (r == value + 1) remaining += now.possible[AT(v, a, b, r)];
      EACH if (r > 0) now.possible[AT(v, a, b, r)] = 0;
      return;
    }
#endif
    /* What was shown comes after 0, so it is still there. */
    EACH {
      if (r == 0) now.possible[AT(v, a, b, 0)] = now.possible[AT(v, a, b, value + 1)];
      else now.possible[AT(v, a, b, r)] = 0;
      remaining += now.possible[AT(v, a, b, r)];
    }
  }

  static void lapse(void) {
    int a, b, r;
    for (a = 0; a < 2; a++) for (b = 0; b < 2; b++) for (r = 0; r < 5; r++)
      if (now.possible[AT(1, a, b, r)]) {
        now.possible[AT(1, a, b, r)] = 0;
        now.possible[AT(ABSENT, a, b, r)] = 1;
      }
  }

#ifdef FORGETS
  /* The only value that the key can have; 4 where there are several. */
  static void certain(void) {
    int v, a, b, r;
    given = 5;
    EACH if (now.possible[AT(v, a, b, r)]) given = given == 5 || given == v ? v : 4;
  }

  /* The key holds what was acknowledged before, or what either store holds now. */
  static void loosen(void) {
    int v, a, b, r;
    EACH if (r == 0 && now.possible[AT(v, a, b, 0)] == 1) {
      explain(AT(now.cc, a, b, 0));
      explain(AT(now.oc, a, b, 0));
    }
    settle_all();
  }
#endif
}

inline begin_write(me, v) {
  d_step {
    if
    :: me == 1 -> pending1 = 1; value1 = (v == 1 && expired -> ABSENT : v)
    :: else -> pending2 = 1; value2 = v
    fi;
    c_code { settle_all(); };
#ifdef FORGETS
    owed = 0; due = 0
#endif
  }
}

inline end_write(me) {
  d_step {
    given = me; c_code { written(given); }; assert(remaining > 0);
#ifdef FORGETS
    fluid = 0
#endif
  }
}

inline begin_read() { d_step { reading = 1; c_code { settle_all(); } } }

inline end_read(v) {
  d_step { given = v; c_code { shown(given); }; assert(remaining > 0); reading = 0 }
}

/* The time of the first writer's document is up: in both stores at once, whether it is there already, or not yet. */
inline expire() {
  d_step {
    c_code { settle_all(); lapse(); };
    expired = 1;
    if
    :: value1 == 1 -> value1 = ABSENT
    :: else
    fi;
    c_code { settle_all(); };
    if
    :: cc == 1 -> cc = ABSENT; cv = 0; ccas = 0; cgone = clock
    :: else
    fi;
    if
    :: oc == 1 -> oc = ABSENT
    :: else
    fi
  }
}

/* --- Calls to stores: each is atomic, and may lose its answer ------------------------------------------------------ */
/*
 * lost: 0 answered, 1 done and not answered, 2 not done. What was found in Couchbase is in (hc, hv, hcas), the row in (rc, rv, rh, rb), what is
 * carried in (sc, sv, scas). The next call is in `act`, with what it stores in (xc, xv, xh, xb).
 */
#ifdef EXPIRIES
#define LOCALS VARIABLES; short he, re, se, xe, ha
#else
#define LOCALS VARIABLES
#endif
#define VARIABLES \
  byte lost, hc, rc, sc, xc, act, outcome, carried, job, n, m; \
  short hv, hcas, rv, rh, rb, sv, scas, xv, xh, xb, first, wv, wcas, ncas, nv; \
  bit ok, kept, noop, behind, inside, again, through, sealing

/* Of a process that is over, nothing tells two states apart. */
inline clear() {
  lost = 0; hc = 0; rc = 0; sc = 0; xc = 0; act = 0; outcome = 0; carried = 0; job = 0; n = 0; m = 0;
  hv = 0; hcas = 0; rv = 0; rh = 0; rb = 0; sv = 0; scas = 0; xv = 0; xh = 0; xb = 0; first = 0; wv = 0; wcas = 0; ncas = 0; nv = 0;
  ok = 0; kept = 0; noop = 0; behind = 0; inside = 0; again = 0; through = 0; sealing = 0;
#ifdef EXPIRIES
  he = 0; re = 0; se = 0; xe = 0; ha = 0
#endif
}

inline chance() {
#if FAULTS
  if
  :: lost = 0
  :: faults > 0 -> faults--; lost = 1
  :: faults > 0 -> faults--; lost = 2
  fi
#else
  lost = 0
#endif
}

#ifdef EXPIRIES
inline c_read() { d_step { hc = cc; hv = cv; hcas = ccas; he = ce; ha = ca } }
inline o_read() { d_step { rc = oc; rv = ov; rh = oh; rb = ob; re = oe } }
#else
inline c_read() { d_step { hc = cc; hv = cv; hcas = ccas } }
inline o_read() { d_step { rc = oc; rv = ov; rh = oh; rb = ob } }
#endif

/* Where nothing is forgotten, what is gone was deleted. */
#if defined(FAILOVER) && !defined(BUG_GONE_BELIEVED)
#define TOMBSTONE cgone
#else
#define TOMBSTONE (clock + 1)
#endif
inline c_gone() { ok = (ccas == 0); nv = TOMBSTONE }

/* What was answered as durable, no failover takes away. */
inline replicate() {
#ifdef FAILOVER
  kc = cc; kv = cv; kcas = ccas; kgone = cgone
#else
  skip
#endif
}

inline mutated() {
#ifdef DURABLE
  replicate()
#else
  skip
#endif
}

/* A plain mutation, which is not guarded by a CAS. */
inline mutated_plainly() {
#ifdef BUG_PLAIN_NOT_DURABLE
  skip
#else
  mutated()
#endif
}

/* A plain write leaves the attribute as it was. A maximum TTL is counted from the mutation, and no later expiry is taken. */
inline c_expiry(content, expiry, version) {
#ifdef EXPIRIES
  if
  :: version == CAS && ccas == 0 -> ca = 0
  :: version == CAS && ccas != 0
  :: version == PLACEHOLDER -> ca = 0
  :: else -> ca = version
  fi;
  limit(content, expiry, clock + 20)
#else
  skip
#endif
}

inline limit(content, expiry, at) {
  ce = (content == ABSENT -> 0 : expiry);
#ifdef BUCKET
  if
  :: limited && content != ABSENT && (ce == 0 || ce > at) -> ce = at
  :: else
  fi
#endif
}

/* What is stored when its time is up already is gone at once. */
inline c_store(content, expiry, version) {
  c_expiry(content, expiry, version);
  clock = clock + 20; ncas = clock; ccas = clock; cc = content; cgone = 0;
  if
  :: version == CAS -> cv = clock
  :: version == PLACEHOLDER -> cv = 0
  :: else -> cv = version
  fi;
  if
  :: cc == 1 && expired -> cc = ABSENT; cv = 0; ccas = 0; cgone = clock
  :: else
  fi
}

inline c_delete() {
#ifdef EXPIRIES
  ce = 0; ca = 0;
#endif
  clock = clock + 20; ncas = clock; ccas = 0; cv = 0; cc = ABSENT; cgone = clock
}

/* ncas: the new CAS, 0 where the guard failed. */
inline c_swap(guard, content, expiry, version) {
  atomic {
    chance();
    ncas = 0;
    if
    :: lost != 2 && ccas == guard -> d_step { c_store(content, expiry, version); mutated() }
    :: else
    fi
  }
}

/* ncas: the CAS of the removal, 0 where there was nothing. */
inline c_put(content) {
  atomic {
    chance();
    ncas = 0;
    if
    :: lost != 2 && content != ABSENT -> d_step { c_store(content, 0, CAS); mutated_plainly() }
    :: lost != 2 && content == ABSENT && ccas != 0 -> d_step { c_delete(); mutated_plainly() }
    :: else
    fi
  }
}

inline c_erase(guard) {
  atomic {
    chance();
    if
    :: lost != 2 && ccas == guard -> d_step { c_delete(); mutated() }
    :: else
    fi
  }
}

inline o_store(content, expiry, version) {
#ifdef EXPIRIES
  oe = (content == ABSENT -> 0 : expiry);
#endif
  ov = version;
  oc = (content == 1 && expired -> ABSENT : content)
}

inline o_apply(content, expiry, version) {
  atomic {
    chance();
    ok = 0;
    if
#ifndef BUG_UNGUARDED_COPY
    :: lost != 2 && oh == NONE && version > ov && version > ob -> o_store(content, expiry, version); ok = 1
#else
    :: lost != 2 && oh == NONE -> o_store(content, expiry, version); ok = 1
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

/* nv: the new version, 0 where nothing was written. A DELETE of nothing leaves a tombstone once, and hands the key off. */
inline o_write(content, only) {
  atomic {
    chance();
    nv = 0;
    if
    :: lost != 2 && (!(only) || oh != NONE) && (content != ABSENT || oc != ABSENT || oh == NONE) ->
      handed(oh, ov);
      o_store(content, 0, ov + 1); nv = ov
    :: else
    fi
  }
}

/* The row that was read, if it is still the same, its expiry included; with `kept`, what it held is set aside. */
inline o_swap(content, expiry, version, handoff, handback) {
  atomic {
    chance();
    ok = 0;
    if
    :: lost != 2 && ov == rv && oh == rh && ob == rb && SAME_EXPIRY(oe, re) ->
      if
      :: kept -> keep(oc)
      :: else
      fi;
      o_store(content, expiry, version); oh = handoff; ob = handback; ok = 1
    :: else
    fi
  }
}

inline keep(content) {
#ifndef BUG_NOTHING_KEPT
  aside[content] = 1
#else
  skip
#endif
}

/* --- What Couchbase says of a key --------------------------------------------------------------------------------- */
#define COPY (hcas != hv)
#define PLACEHELD (hcas != 0 && hc == ABSENT && hv == 0)
#define EMPTY (hcas == 0 || PLACEHELD)
#define OUTDATED (COPY && rh == NONE && hv < rv)
#define NOTHING(phase) (EMPTY || ((phase) == SWITCH && OUTDATED))
#ifdef EXPIRIES
/* The bucket has given what Oracle holds an earlier expiry, in the same version. */
#define SHORTENED (hv == rv && hc == rc && hc != ABSENT && EARLIER(he, re))
/* Others have touched what Oracle holds, of a key that it orders. */
#define TOUCHED (rh != NONE && hv > rv && hc == rc && (he == re || (hc != ABSENT && ha == rv)))
#else
#define SHORTENED false
#define TOUCHED false
#endif
#define TAKEN (SHORTENED || TOUCHED)
#define SAME (hv == rv && hc == rc && SAME_EXPIRY(he, re))
#define AGREE (EMPTY && rc == ABSENT || !EMPTY && SAME)
#ifndef BUG_GAP_IGNORED
#define GAP(phase) (rc != ABSENT && NOTHING(phase) && ((phase) != SWITCH || hcas == 0 || rb < hcas))
#else
#define GAP(phase) ((phase) == EXPAND && rc != ABSENT && hcas == 0)
#endif
#define FLOOR (rv > rb -> rv : rb)

/* --- Decisions: which call comes next ------------------------------------------------------------------------------ */
#define WAIT 0
#define SWAP 1   /* in Couchbase */
#define ROW 2    /* a swap of the row */
#define APPLY 3
#define ERASE 4
#define REMIND 5
#define FILL 6
#define TIDY 7
#define LEARN 8

inline swap_in(content, expiry, version) {
#ifdef EXPIRIES
  xe = expiry;
#endif
  act = SWAP; xc = content; xv = version
}
inline row_to(content, expiry, version, handoff, handback) {
#ifdef EXPIRIES
  xe = expiry;
#endif
  act = ROW; xc = content; xv = version; xh = handoff; xb = handback
}

inline perform() {
  if
  :: act == SWAP -> c_swap(hcas, xc, EXPIRY(xe), xv)
  :: act == ROW -> o_swap(xc, EXPIRY(xe), xv, xh, xb)
  :: act == APPLY -> o_apply(hc, EXPIRY(he), hv)
  :: act == ERASE -> c_erase(hcas)
  :: else -> lost = 0; ok = 0
  fi;
#ifdef EXPIRIES
  xe = 0;
#endif
  kept = 0; xc = 0; xb = 0
}

/*
 * Oracle takes what others have made of its own state, and Couchbase is not written. Where the expiry is another one in a later version, the row
 * says that it has taken this version from Couchbase.
 */
inline take() {
#ifdef EXPIRIES
  if
#ifndef BUG_GIVEN_REFUSED
  :: SHORTENED -> row_to(rc, he, rv, rh, rb)
#else
  :: SHORTENED -> xh = rh; handed(xh, rv); row_to(rc, re, rv + 1, xh, rb)
#endif
#ifndef BUG_TOUCH_LIFTED
  :: !SHORTENED && he == re -> row_to(rc, re, hv, rh, rb)
  :: !SHORTENED && he != re -> row_to(rc, he, hv, hv, hv - 1)
#else
  :: !SHORTENED -> row_to(rc, re, hv + 1, rh, rb)
#endif
  fi
#else
  skip
#endif
}

/*
 * One step towards both stores saying the same of a gap. An absence has a version, too: that of its tombstone. In seal the row is read once
 * more before Couchbase is marked: a look from before a failover is no evidence.
 */
inline fill_gap(phase) {
  d_step {
    kept = 0;
    if
    :: phase == SWITCH && hcas == 0 -> swap_in(ABSENT, 0, PLACEHOLDER)
#ifndef BUG_NO_FENCE
    :: phase == SWITCH && hcas != 0 -> row_to(rc, EXPIRY(re), rv, rh, hcas)
#else
    :: phase == SWITCH && hcas != 0 -> swap_in(rc, EXPIRY(re), rv)
#endif
    :: phase != SWITCH && hcas == 0 ->
      c_gone();
      act = WAIT;
      if
      :: !ok
      :: else -> kept = (nv <= rv); act = FILL
      fi
    :: else -> kept = 1; act = FILL
    fi;
    if
    :: act == FILL && phase == EXPAND -> row_to(ABSENT, 0, rv + 1, rh, rb)
    :: else
    fi
  };
  if
  :: act == FILL ->
    d_step {
      act = WAIT;
      if
#ifndef BUG_MARKED_LATE
      :: ov != rv || oh != NONE
#else
      :: false
#endif
      :: else ->
        if
        :: kept -> keep(rc); kept = 0
        :: else
        fi;
        swap_in(ABSENT, 0, CAS)
      fi
    }
  :: else
  fi
}

/* Couchbase has forgotten what came after what it holds, and gets the row's state back. The row is read once more before. */
inline remind() {
#ifndef BUG_REMINDED_LATE
  o_read();
#endif
  d_step {
    if
    :: rh != NONE || hv > FLOOR || AGREE -> act = WAIT
#ifndef BUG_LIFTED
    :: rh == NONE && hv <= FLOOR && !AGREE && hv != rv ->
      if
      :: hc != rc && hc != ABSENT -> keep(hc)
      :: else
      fi;
      swap_in(rc, EXPIRY(re), rv)
    :: rh == NONE && hv <= FLOOR && !AGREE && hv == rv -> xv = FLOOR + 1; swap_in(hc, EXPIRY(he), xv)
#else
    :: rh == NONE && hv <= FLOOR && !AGREE -> xv = FLOOR + 1; swap_in(hc, EXPIRY(he), xv)
#endif
    fi
  }
}

/* What Couchbase holds is not below the row, of a key that Oracle orders: Oracle has forgotten, or somebody wrote past it. */
inline keep_unknown() {
  if
  :: !(rh == NONE && !COPY) && !EMPTY && hv >= rv && hc != rc && hc != ABSENT -> keep(hc)
  :: else
  fi
}

inline take_over() {
  keep_unknown();
  xh = rh;
  handed(xh, rv);
  xv = (hv >= rv -> hv + 1 : rv);
  row_to(rc, EXPIRY(re), xv, xh, rb)
}

/* A key that Oracle orders, in seal or switch. */
inline give_back() {
  d_step {
    if
    :: rh == NONE -> act = WAIT
    :: rh != NONE && hcas != 0 && SAME && hcas >= rv -> row_to(rc, EXPIRY(re), rv, NONE, hcas)
    :: rh != NONE && hcas != 0 && SAME && hcas < rv -> swap_in(rc, EXPIRY(re), rv)
    :: rh != NONE && !(hcas != 0 && SAME) && hcas != 0 && TAKEN -> take()
    :: rh != NONE && !(hcas != 0 && SAME) && !(hcas != 0 && TAKEN) && hv >= rv -> take_over()
    :: rh != NONE && hv < rv && hcas == 0 -> swap_in(ABSENT, 0, PLACEHOLDER)
    :: rh != NONE && !(hcas != 0 && SAME) && hv < rv && hcas != 0 -> swap_in(rc, EXPIRY(re), rv)
    fi
  }
}

/* --- Steps --------------------------------------------------------------------------------------------------------- */
/* What is written anew at the version of what it has written itself, nobody can tell any more. */
#define UNDONE (rb > first || (sealing && rb == first))
/* Couchbase has begun the key anew at its very version, and Oracle has never had it. */
#define OVER (rb == first && rv < first && hcas != scas)
/* An expiry that the bucket has given comes to Oracle by a receipt. */
#define HAS (rv == sv && rc == sc && (SAME_EXPIRY(se, re) || (sc != ABSENT && EARLIER(se, re))))

inline carry_from(content, expiry, version, cas) {
#ifdef EXPIRIES
  se = expiry;
#endif
  sc = content; sv = version; scas = cas
}

/* carried: 1 carried, 2 handed off, 3 undone, 4 failed. From (sc, sv, scas); the row is in (rc, rv, rh, rb). */
inline carry() {
  carried = 0; first = sv; n = 0; inside = 1;
  do
  :: carried == 0 && n < ATTEMPTS ->
    n++;
    o_apply(sc, EXPIRY(se), sv);
    if
    :: lost != 0 -> carried = 4
    :: lost == 0 && ok && inside -> carried = 1
    :: lost == 0 && !(ok && inside) ->
      again = ok;
      o_read();
      if
      :: rh != NONE -> carried = 2
      :: rh == NONE && UNDONE -> carried = 3
      :: rh == NONE && !UNDONE && (again || HAS) -> carried = 1
      :: rh == NONE && !UNDONE && !(again || HAS) && FLOOR < sv
      :: rh == NONE && !UNDONE && !(again || HAS) && FLOOR >= sv ->
        c_read();
        inside = 0;
        if
        :: OVER -> carried = 3
        :: !OVER && (EMPTY || (OUTDATED && hcas != scas)) -> carried = 1
        :: !OVER && !EMPTY && !OUTDATED && hcas != scas -> carry_from(hc, EXPIRY(he), hv, hcas)
#ifdef EXPIRIES
        :: !EMPTY && hcas == scas && SAME -> carried = 1
        :: !EMPTY && hcas == scas && !SAME ->
#else
        :: !EMPTY && hcas == scas ->
#endif
          remind();
          perform();
          carried = (lost -> 4 : 3)
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

/* Couchbase has it, or it was overtaken. */
#define WRITTEN(content) \
  ((hv == nv && hc == content && SAME_EXPIRY(he, 0)) || rv != nv || rc != content || !SAME_EXPIRY(re, 0) || rh == NONE)

/* Gives Couchbase what Oracle has stored as nv. Whatever becomes of it, a receipt stands in. */
inline push(content, final) {
  m = 0; again = 1;
  do
  :: again && m < ATTEMPTS ->
    m++;
    c_read();
    if
    :: hv >= nv || (!(final) && PLACEHELD) -> o_read()
    :: else
    fi;
    d_step {
      kept = 0;
      if
      :: hv < nv && !(final) && hcas == 0 -> swap_in(ABSENT, 0, PLACEHOLDER)
      :: hv < nv && !(!(final) && hcas == 0) ->
        if
        :: !(final) && PLACEHELD && (rv != nv || rh == NONE) -> act = WAIT
        :: else -> swap_in(content, 0, nv)
        fi
      :: hv >= nv ->
        if
        :: WRITTEN(content) -> act = WAIT
        :: !WRITTEN(content) && TAKEN -> take(); m = ATTEMPTS
        :: else -> keep_unknown(); row_to(rc, EXPIRY(re), hv + 1, rh, rb)
        fi
      fi
    };
    perform();
    if
    :: lost != 0 || act == WAIT -> again = 0
    :: lost == 0 && act == SWAP -> again = (ncas == 0 || xv == PLACEHOLDER)
    :: lost == 0 && act == ROW -> again = ok; nv = xv
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
    :: lost == 0 && nv != 0 -> push(val, !(only)); outcome = 1
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

#define IN_ORACLE (hcas == 0 || SAME || SHORTENED)

/* What is in Couchbase says nothing, so the row counts. */
inline carry_seen() {
#ifdef EXPIRIES
  he = re;
#endif
  hc = rc; hv = rv
}

/*
 * One look of a write in seal or switch, with nothing in Couchbase of its own yet. job: 1 what was found comes to Oracle first, 2 what was
 * written. Where Couchbase holds nothing, the row is read once more before the answer.
 */
inline sealed_look(val, phase) {
  o_read();
  if
  :: rh != NONE && phase == SWITCH -> through = 1
  :: rh != NONE && phase != SWITCH -> c_read(); o_read(); give_back(); perform()
  :: rh == NONE ->
    c_read();
    if
    :: COPY -> o_read()
    :: else
    fi;
    if
    :: rh != NONE
    :: rh == NONE && GAP(phase) ->
      fill_gap(phase);
      perform();
      if
      :: lost != 0 -> outcome = 2
      :: else
      fi
    :: rh == NONE && !GAP(phase) ->
      d_step {
        noop = (val == ABSENT && hc == ABSENT);
        behind = (hv <= FLOOR);
        first = (EMPTY -> rv : -1);
        if
        :: hcas != 0 && NOTHING(phase) -> noop = (val == ABSENT && rc == ABSENT); carry_seen()
        :: else
        fi;
        act = WAIT;
        if
        :: !IN_ORACLE && (noop || behind) -> carry_from(hc, EXPIRY(he), hv, hcas); job = 1
        :: IN_ORACLE && noop && first == -1 -> outcome = 1
        :: IN_ORACLE && noop && first != -1 -> job = 3
        :: else -> swap_in(val, 0, CAS)
        fi
      };
      if
      :: act == SWAP ->
        perform();
        if
        :: lost != 0 -> outcome = 2
        :: lost == 0 && ncas == 0
        :: lost == 0 && ncas != 0 ->
#ifdef BUG_ANSWERED_EARLY
          end_write(me);
#endif
          wv = ncas; wcas = ncas; sealing = 1
        fi
      :: act != SWAP && job == 3 ->
        o_read();
        job = 0;
        outcome = (rv == first -> 1 : 0)
      :: else
      fi
    fi
  fi
}

/* What it has put into Couchbase, in (wv, wcas), comes to Oracle before anybody is answered. */
inline write_as(val, phase) {
  outcome = 0; through = (phase == SETTLE); sealing = 0;
  do
  :: outcome == 0 && through -> through = 0; oracle_ordered(val, (phase != SETTLE))
  :: outcome == 0 && !through ->
    job = 0;
    if
    :: sealing -> carry_from(val, 0, wv, wcas); job = 2
    :: else -> sealed_look(val, phase)
    fi;
    if
    :: job != 0 ->
      carry();
      if
      :: carried == 4 -> outcome = 2
      :: carried != 4 && job == 1 -> outcome = (carried == 1 && !behind && noop -> 1 : 0)
      :: carried != 4 && job == 2 ->
        if
        :: carried == 1 -> outcome = 1
        :: carried == 3 -> outcome = 2
        :: carried == 2 ->
          if
          :: rb >= wv -> outcome = 2
#ifndef BUG_NEVER_SEEN
          :: rb < wv && rh >= wv -> outcome = 1
          :: rb < wv && rh < wv -> through = 1
#else
          :: rb < wv -> outcome = 1
#endif
          fi
        fi
      fi
    :: else
    fi
  :: else -> break
  od
}

inline couchbase_first(val) {
  c_put(val);
  if
  :: lost != 0 -> outcome = 2
  :: else ->
    outcome = 1;
    if
    :: ncas != 0 -> wv = ncas; o_apply(val, 0, wv)
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
      job = hc;
      if
      :: AGREE -> outcome = 1
      :: !AGREE && (rh != NONE || EMPTY || SHORTENED) ->
        if
        :: SHORTENED -> take()
        :: rh != NONE && !SHORTENED -> give_back()
        :: else -> fill_gap(SEAL)
        fi;
        perform();
        outcome = (lost -> 2 : 0)
      :: !AGREE && rh == NONE && !EMPTY && !SHORTENED ->
        carry_from(hc, EXPIRY(he), hv, hcas);
        carry();
        if
#if defined(MORTAL) && !defined(BUG_EXPIRED_SHOWN)
        :: carried == 1 && job == 1
        :: carried == 1 && job != 1 -> hc = job; outcome = 1
#else
        :: carried == 1 -> hc = job; outcome = 1
#endif
        :: carried == 2 || carried == 3
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
  again = 1;
  if
  :: phase == SETTLE -> c_read(); o_read()
  :: else ->
    o_read(); c_read();
    if
    :: rh != NONE -> o_read()
    :: else
    fi
  fi;
  d_step {
    kept = 0; act = WAIT;
    if
    :: phase == SETTLE ->
      if
      :: (hcas == 0 && rc == ABSENT) || (hcas != 0 && SAME) -> again = 0
      :: else ->
        if
        :: TAKEN -> take()
        :: !TAKEN && rh == NONE && !EMPTY && hv > FLOOR -> act = LEARN
        :: !TAKEN && !(rh == NONE && !EMPTY && hv > FLOOR) && (rh == NONE || hv >= rv) -> take_over()
        :: else -> swap_in(rc, EXPIRY(re), rv)
        fi
      fi
    :: phase != SETTLE && rh != NONE -> act = REMIND; wv = 0
    :: phase != SETTLE && rh == NONE ->
      if
      :: GAP(phase) -> act = FILL
      :: !GAP(phase) && hcas == 0 -> again = 0
      :: !GAP(phase) && hcas != 0 && SAME ->
        if
        :: hc == ABSENT && phase == EXPAND -> act = TIDY
        :: else -> again = 0
        fi
      :: !GAP(phase) && hcas != 0 && SHORTENED -> take()
      :: !GAP(phase) && hcas != 0 && !SAME && !SHORTENED && NOTHING(phase) -> swap_in(rc, EXPIRY(re), rv)
      :: !GAP(phase) && hcas != 0 && !SAME && !SHORTENED && !NOTHING(phase) && hv > FLOOR -> act = APPLY
      :: !GAP(phase) && hcas != 0 && !SAME && !SHORTENED && !NOTHING(phase) && hv <= FLOOR -> act = REMIND
      fi
    fi
  };
  if
  :: act == FILL -> fill_gap(phase)
  :: act == REMIND && rh == NONE -> remind()
  :: act == REMIND && rh != NONE -> give_back()
  /* A failover may have brought the marker back, of a key that was written since the first look. */
  :: act == TIDY -> act = (ov == rv -> ERASE : WAIT)
  /* An Oracle that has come back in an earlier state is behind the first look. */
  :: act == LEARN -> act = (ccas == hcas -> APPLY : WAIT)
  :: else
  fi;
  perform();
  /* Whatever Couchbase was given since has a receipt of its own. */
  if
  :: again && ok && lost == 0 && hc != ABSENT && phase != SETTLE && (act == APPLY || (act == ROW && xh == NONE && rh != NONE)) -> again = 0
  :: else
  fi
}

proctype Time() {
  if
  :: expire()
  :: true
  fi;
  running--
}

/* A client is at work. */
inline arrives() {
#ifdef FORGETS
  working++
#else
  skip
#endif
}

inline leaves() {
#ifdef FORGETS
  working--;
#endif
  running--;
  clear()
}

proctype Writer(byte me; byte phase) {
  LOCALS;
  byte val;
  if
  :: val = me
  :: val = ABSENT
  fi;
  atomic { arrives(); begin_write(me, val) };
  if
  :: phase == EXPAND -> couchbase_first(val)
  :: else -> write_as(val, phase)
  fi;
  atomic {
    if
    :: outcome == 1 -> end_write(me)
    :: else
    fi;
    leaves()
  }
}

#ifdef LATE
proctype Late(byte phase) {
  LOCALS;
  atomic { arrives(); begin_write(2, ABSENT) };
  read_as(phase);
  atomic {
    if
    :: outcome == 1 && hc == 1 -> end_write(2)
    :: else
    fi;
    leaves()
  }
}
#endif

#if READS
proctype Reader(byte phase1; byte phase2) {
  LOCALS;
  atomic { arrives(); begin_read() };
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
  atomic { leaves() }
}
#endif

/* One receipt, or what a repair sends: it may end before both agree. */
proctype Converge(byte phase) {
  LOCALS;
  n = 0; again = 1;
  do
  :: again && n < 2 -> n++; look(phase)
  :: else -> break
  od;
  atomic { running--; clear() }
}

#ifdef FORGETS
/*
 * A store has come back in an earlier state. Where it decides what is shown, or shares in it, what was acknowledged is not counted on any
 * more, until the next write: but nothing that is still in a store may go without a trace, and what Couchbase is seen to have forgotten, by
 * a version below that of the row, comes back.
 */
inline forgotten(decides) {
  if
  :: decides ->
    c_code { certain(); };
    if
    :: given < 4 && given != ABSENT && (cc == given || oc == given) -> owed = given
    :: else
    fi;
#ifdef FAILOVER
    if
    :: given < 4 && ccas != 0 && !(cc == ABSENT && cv == 0) && oh == NONE && cv < ov && cc != oc && oc == given -> due = oc + 1
    :: else
    fi;
#endif
    fluid = 1;
    c_code { loosen(); }
  :: else
  fi
}

proctype Forgets() {
  if
  /* Since then the replica has got nothing more, or Oracle may lose what it commits. */
#ifdef FAILOVER
  :: d_step { replicate() }
#else
  :: d_step { bc = oc; bv = ov; bh = oh; bb = ob }
#endif
  :: true
  fi;
  atomic {
#ifndef DURABLE
    working == 0 ->
#endif
    d_step {
#ifdef FAILOVER
      cc = kc; cv = kv; ccas = kcas; cgone = kgone;
#ifndef DURABLE
      forgotten((LOW != SETTLE));
#endif
      kc = 0; kv = 0; kcas = 0; kgone = 0;
#else
      oc = bc; ov = bv; oh = bh; ob = bb;
      forgotten((HIGH != EXPAND));
      bc = 0; bv = 0; bh = 0; bb = 0;
#endif
      running--
    }
  }
}
#endif

#ifdef TOUCH
/* Answers each mutation once. What is a marker without its attribute is a document, which nobody makes of it. */
proctype Hand() {
end:
  do
  :: atomic {
      ccas != 0 && answered != ccas && (touches > 0 || resting) ->
        if
        :: resting
        :: else -> touches--
        fi;
#ifndef DROPS
        if
        :: cc != ABSENT -> limit(cc, 1000 + clock, clock + 20)
        :: true -> limit(cc, ce, clock + 20)
        fi;
#else
        limit(cc, ce, clock + 20);
        if
        :: cc != ABSENT -> ca = 0
        :: else
        fi;
#endif
        clock = clock + 20; ccas = clock; cv = clock; answered = clock
    }
  od
}
#endif

#ifdef BUCKET
proctype Bucket() {
  if
  :: limited = 1 - limited
  :: true
  fi;
  running--
}
#endif

/* Everything has come to rest, in one of both phases: receipts are settled, both stores agree, and it is read once more. */
proctype Rest(byte phase) {
  LOCALS;
  running == 0;
  faults = 0; reading = 0;
  n = 0; again = 1;
#ifdef TOUCH
  resting = 1;
#endif
  do
  :: again ->
    n++;
    assert(n < 16);
#ifdef TOUCH
    ccas == 0 || answered == ccas;
#endif
    look(phase)
  :: else -> break
  od;
  assert((ccas == 0 && oc == ABSENT) || (cc == oc && cv == ov));
#ifdef EXPIRIES
  assert((ccas == 0 && oc == ABSENT) || ce == oe);
#endif
#ifdef FORGETS
  /* Nothing that was acknowledged has been destroyed without a trace. */
  assert(owed == 0 || cc == owed || oc == owed || aside[owed]);
  assert(due == 0 || (cc == due - 1 && oc == due - 1));
#endif
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
    running = 2 + CONVERGES;
    if
    :: before = 3; cc = 3; cv = 50; ccas = 50; oc = 3; ov = 50
#if HIGH == SETTLE
    /* Oracle has ordered it already. */
    :: before = 3; cc = 3; cv = 51; ccas = 60; oc = 3; ov = 51; oh = 50
#endif
    :: before = ABSENT
    fi;
#ifdef EXPIRIES
    ca = (ccas == 60 -> 51 : 0);
#endif
#ifdef BUCKET
    if
    :: limited = 1
    :: true
    fi;
    running++;
    run Bucket();
#endif
#ifdef TOUCH
    run Hand();
#endif
#ifdef FAILOVER
    replicate();
#endif
#ifdef FALLBACK
    bc = oc; bv = ov; bh = oh; bb = ob;
#endif
    possible[AT(before, 0, 0, 0)] = 1;
    either(a); either(b); either(c); either(last);
    run Writer(1, a);
#if READS
    either(r1); either(r2);
    running++;
    run Reader(r1, r2);
#endif
#ifndef LATE
    run Writer(2, b);
#else
    run Late(b);
#endif
#if CONVERGES
    run Converge(c);
#endif
#ifdef MORTAL
    running++;
    run Time();
#endif
#ifdef FORGETS
    running++;
    run Forgets();
#endif
    run Rest(last)
  }
}
