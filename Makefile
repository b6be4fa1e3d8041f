# customer_value: the usual PGXS targets (make, make install, make installcheck) and five of its own:
#   make deps   installs with apt what is missing to build and test
#   make test   builds, installs and runs every test in a temporary cluster
#   make demo   loads a sample shop, or your own sales (SALES=file.csv), and shows what comes out
#   make bench  measures speed, size and memory beside plain PostgreSQL and numpy (BENCH_CUSTOMERS=100000, BENCH_RUNS=5)
#   make static runs the checks that need no run of the code; .ci/run does these and make test
# DEVELOPER.md says more. A machine without PostgreSQL can still read this file: deps brings it.

EXTENSION = customer_value
EXTVERSION := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" customer_value.control)

MODULE_big = customer_value
OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/core/*.c src/pg/*.c)))

# The install script is these files joined by tools/ascii in this order: types before the functions that use them.
SQL_PARTS = setup history profile model value contract vector ranking segment scorecard \
	base_types base_parameters base_segments base_labels base_scorecard base_tables base_binding base_status \
	base_views base_views_history base_views_customers base_views_portfolio base_views_model base_views_charts \
	base_views_headroom base_views_segments base_views_equity base_views_accounts base_scorecard_views \
	base_scorecard_presets base_dictionary_customers base_dictionary_portfolio base_dictionary_models base_dictionary_segments \
	base_dictionary_scorecards base_dictionary base_check base_fit base_quality base_maintenance base \
	base_scorecard_check base_scorecard_maintenance base_scorecard_explain
SQL_FILES = $(wildcard $(SQL_PARTS:%=src/sql/%.sql))
DATA_built = $(EXTENSION)--$(EXTVERSION).sql
DATA = $(wildcard $(EXTENSION)--*--*.sql)

REGRESS = $(sort $(basename $(notdir $(wildcard sql/*.sql))))
REGRESS_OPTS = --no-locale --encoding=UTF8
EXTRA_CLEAN = build $(OBJS:.o=.d)

WARNINGS = -Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers
ifdef WERROR
WARNINGS += -Werror
endif
# Before 16 the server's headers do not export what PGDLLEXPORT marks, and -fvisibility=hidden would hide it.
PG_CPPFLAGS = -I$(CURDIR)/src -MMD -MP -D'PGDLLEXPORT=__attribute__((visibility("default")))'
PG_CFLAGS = -std=gnu11 -O3 -fvisibility=hidden -ffp-contract=off $(WARNINGS)
SHLIB_LINK = -lnlopt -lm
override with_llvm = no

PG_CONFIG ?= pg_config
PGXS := $(wildcard $(shell $(PG_CONFIG) --pgxs 2>/dev/null))

ifneq ($(PGXS),)
include $(PGXS)

# Objects of another server version or of other flags are not reused.
BUILD_CONFIG := $(subst ',,$(shell $(PG_CONFIG) --version) $(CC) $(filter-out -Werror,$(CPPFLAGS) $(CFLAGS)))
ifneq ($(BUILD_CONFIG),$(shell cat build/config 2>/dev/null))
ifeq ($(filter clean distclean maintainer-clean,$(MAKECMDGOALS)),)
$(shell mkdir -p build && echo '$(BUILD_CONFIG)' > build/config)
endif
endif
$(OBJS): build/config
-include $(OBJS:.o=.d)

$(EXTENSION)--$(EXTVERSION).sql: $(SQL_FILES) tools/ascii customer_value.control Makefile
	tools/ascii $(SQL_FILES) > $@

else

all install installcheck:
	@echo "$(PG_CONFIG) with PGXS was not found: run 'make deps', or say PG_CONFIG=/path/to/pg_config" >&2; exit 1

clean distclean:
	@rm -rf $(OBJS) $(EXTRA_CLEAN) $(DATA_built) $(MODULE_big).so results regression.diffs regression.out

endif

# Everything below starts by installing what is missing, which may be PGXS itself, and so runs make again.

export PG_CONFIG CV_SHARED
AGAIN = $(MAKE) --no-print-directory WERROR=1

.PHONY: deps test unit check-room demo bench static build-and-install

deps:
	@tools/deps build test

build-and-install:
	@$(MAKE) --no-print-directory -s -j$$(nproc) all
	@tools/as_root_for "$$($(PG_CONFIG) --pkglibdir)" $(MAKE) --no-print-directory -s install PG_CONFIG="$$(command -v $(PG_CONFIG))" WERROR=$(WERROR)

test:
	@tools/deps build test
	@$(AGAIN) build-and-install
	@test/run

# the C unit tests alone; no PostgreSQL needed
unit:
	@test/run unit sanitized

# the tests of one room: make check-room ROOM=history
check-room:
	@test -n "$(ROOM)" || { echo "which room? make check-room ROOM=history" >&2; exit 1; }
	@tools/deps build test
	@$(AGAIN) build-and-install
	@test/run --room $(ROOM)

demo:
	@tools/deps build
	@$(AGAIN) build-and-install
	@tools/with_cluster demo/run

bench:
	@tools/deps build bench
	@$(AGAIN) build-and-install
	@tools/with_cluster bench/run $(MEASURES)

static:
	@tools/deps build test ci
	@$(AGAIN) build-and-install
	@test/run static
