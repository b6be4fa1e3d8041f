EXTENSION = customer_value
EXTVERSION = $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" customer_value.control)

MODULE_big = customer_value
OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/core/*.c src/pg/*.c)))

# The install script is these files joined in this order: types before the functions that use them.
SQL_PARTS = setup history model value
ifneq ($(wildcard src/sql/model.sql),)
SQL_PARTS += base_types base base_maintenance base_views base_check
endif
SQL_FILES = $(wildcard $(SQL_PARTS:%=src/sql/%.sql))
DATA_built = $(EXTENSION)--$(EXTVERSION).sql

REGRESS = $(basename $(notdir $(wildcard sql/*.sql)))

PG_CPPFLAGS = -I$(CURDIR)/src
PG_CFLAGS = -std=gnu11 -O3 -fvisibility=hidden -ffp-contract=off -Wall -Wextra -Werror -Wno-unused-parameter -Wno-missing-field-initializers
SHLIB_LINK = -lnlopt -lm

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
override with_llvm = no
include $(PGXS)

$(EXTENSION)--$(EXTVERSION).sql: $(SQL_FILES) customer_value.control
	cat $(SQL_FILES) > $@
