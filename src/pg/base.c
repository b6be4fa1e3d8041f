/*
 * base.c - finding customer bases, and maintaining them as their owner.
 *
 * There is no registry: a base is a schema with a one-row table of the type
 * customer_value.base_settings, found through pg_class.reloftype.  Those tables
 * belong to anybody, so they are read here by a bare heap scan: planning a query
 * over somebody's table can already run that somebody's code (index predicates,
 * for one), a heap scan cannot.
 *
 * Maintenance reads the bound sales, which may be a view full of functions, so
 * it runs as the owner of the base under SECURITY_RESTRICTED_OPERATION, the way
 * REFRESH MATERIALIZED VIEW does.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/tupconvert.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "pg/compat.h"

CV_SQL_FUNCTION(cv_base_settings);
CV_SQL_FUNCTION(cv_base_fit);
CV_SQL_FUNCTION(cv_base_refresh);
CV_SQL_FUNCTION(cv_base_use_model);
CV_SQL_FUNCTION(cv_base_forget_models);
CV_SQL_FUNCTION(cv_base_alter);
CV_SQL_FUNCTION(cv_base_rebuild);
CV_SQL_FUNCTION(cv_base_drop);
CV_SQL_FUNCTION(cv_base_create_scorecard);
CV_SQL_FUNCTION(cv_base_alter_scorecard);
CV_SQL_FUNCTION(cv_base_drop_scorecard);

/* A base somebody asked for by name. */
typedef struct cv_base
{
	Oid			settings;		/* its settings table */
	Oid			schema;
	Oid			owner;
} cv_base;

/* A settings table that the current user may read. */
typedef struct cv_settings_table
{
	Oid			relid;
	Oid			owner;
} cv_settings_table;

/* What to put back when maintenance is over. */
typedef struct cv_caller
{
	Oid			user;
	int			sec_context;
	int			guc_level;
} cv_caller;

static Oid
settings_type(void)
{
	Oid			schema = get_namespace_oid("customer_value", false);
	Oid			type = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid,
									   CStringGetDatum("base_settings"),
									   ObjectIdGetDatum(schema));

	if (!OidIsValid(type))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("type \"customer_value.base_settings\" does not exist")));
	return type;
}

/*
 * May the current user read this settings table?  Row security is the owner's
 * own code, so tables that have it are left to their owners.
 */
static bool
may_read(Oid relid, Form_pg_class class)
{
	Oid			user = GetUserId();

	if (class->relkind != RELKIND_RELATION ||
		class->relpersistence == RELPERSISTENCE_TEMP)
		return false;
	if (class->relrowsecurity && !has_privs_of_role(user, class->relowner))
		return false;
	return cv_may_use_schema(class->relnamespace, user) &&
		pg_class_aclcheck(relid, user, ACL_SELECT) == ACLCHECK_OK;
}

/* The settings tables the current user may read: a list of cv_settings_table. */
static List *
settings_tables(Oid type)
{
	List	   *tables = NIL;
	Relation	classes = table_open(RelationRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, Anum_pg_class_reloftype, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(type));
	scan = systable_beginscan(classes, InvalidOid, false, NULL, 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_class class = (Form_pg_class) GETSTRUCT(tuple);

		if (may_read(class->oid, class))
		{
			cv_settings_table *table = palloc(sizeof(cv_settings_table));

			table->relid = class->oid;
			table->owner = class->relowner;
			tables = lappend(tables, table);
		}
	}
	systable_endscan(scan);
	table_close(classes, AccessShareLock);
	return tables;
}

/*
 * The settings row of an open settings table as a tuple of desc, the type's own
 * row description; NULL if the table is empty.
 */
static HeapTuple
read_settings(Relation table, TupleDesc desc)
{
	TupleConversionMap *map = convert_tuples_by_name(RelationGetDescr(table), desc);
	TupleTableSlot *slot = table_slot_create(table, NULL);
	TableScanDesc scan = table_beginscan(table, GetActiveSnapshot(), 0, NULL);
	HeapTuple	row = NULL;

	if (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		row = ExecCopySlotHeapTuple(slot);
		if (map != NULL)
			row = execute_attr_map_tuple(row, map);
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	return row;
}

/* Does the settings row of an open table carry this base name? */
static bool
is_named(Relation table, TupleDesc desc, const char *name)
{
	HeapTuple	row = read_settings(table, desc);
	bool		isnull;
	Datum		base;

	if (row == NULL)
		return false;
	base = heap_getattr(row, SPI_fnumber(desc, "base"), desc, &isnull);
	return !isnull && strcmp(TextDatumGetCString(base), name) == 0;
}

/*
 * customer_value._base_settings(): every settings row the caller may read, with
 * the oid of its table.  Runs no code of the tables' owners.
 */
Datum
cv_base_settings(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Oid			type = settings_type();
	TupleDesc	desc = lookup_rowtype_tupdesc(type, -1);
	ListCell   *cell;

	InitMaterializedSRF(fcinfo, 0);
	foreach(cell, settings_tables(type))
	{
		Oid			relid = ((cv_settings_table *) lfirst(cell))->relid;
		Relation	table;
		HeapTuple	row;
		Datum		values[2];
		bool		nulls[2] = {false, false};

		/* A table that is being made or dropped is not waited for: nobody's lock holds up the list. */
		if (!ConditionalLockRelationOid(relid, AccessShareLock))
			continue;
		table = try_table_open(relid, NoLock);
		if (table == NULL)
		{
			UnlockRelationOid(relid, AccessShareLock);
			continue;
		}
		row = read_settings(table, desc);
		if (row != NULL)
		{
			values[0] = ObjectIdGetDatum(RelationGetRelid(table));
			values[1] = heap_copy_tuple_as_datum(row, desc);
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		}
		table_close(table, AccessShareLock);
	}
	ReleaseTupleDesc(desc);
	return (Datum) 0;
}

static int
compare_schemas(const ListCell *a, const ListCell *b)
{
	return strcmp(get_namespace_name(((cv_base *) lfirst(a))->schema),
				  get_namespace_name(((cv_base *) lfirst(b))->schema));
}

static void
report_ambiguous(const char *name, List *found)
{
	StringInfoData schemas;
	cv_base    *first;
	bool		one_owner = true;
	ListCell   *cell;

	list_sort(found, compare_schemas);
	first = linitial(found);
	initStringInfo(&schemas);
	foreach(cell, found)
	{
		cv_base    *base = lfirst(cell);

		one_owner = one_owner && base->owner == first->owner;
		appendStringInfo(&schemas, "%s\"%s\" of %s", schemas.len > 0 ? ", " : "",
						 get_namespace_name(base->schema),
						 GetUserNameFromId(base->owner, false));
	}
	ereport(ERROR,
			(errcode(ERRCODE_AMBIGUOUS_PARAMETER),
			 errmsg("customer base \"%s\" is ambiguous", name),
			 errdetail("There is one in each of these schemas: %s.", schemas.data),
			 one_owner
			 ? errhint("Give one of them another name: UPDATE %s.settings SET base = '...'.",
					   quote_identifier(get_namespace_name(first->schema)))
			 : errhint("SET ROLE to the owner of the one you mean.")));
}

/*
 * The base of this name that the current user may maintain: as in REFRESH
 * MATERIALIZED VIEW, a member of the role that owns it.  The user's own bases
 * are looked at first, other people's tables only if none of them matches.
 * Maintenance of one base is serialised by a lock held to the end of the
 * transaction.
 */
static cv_base
find_base(const char *name)
{
	Oid			user = GetUserId();
	Oid			type = settings_type();
	TupleDesc	desc = lookup_rowtype_tupdesc(type, -1);
	List	   *tables = settings_tables(type);
	List	   *found = NIL;
	bool		forbidden = false;
	cv_base		base;
	Relation	table;

	for (int own = 1; own >= 0 && found == NIL; own--)
	{
		ListCell   *cell;

		foreach(cell, tables)
		{
			cv_settings_table *settings = lfirst(cell);

			if ((settings->owner == user) != (own == 1))
				continue;
			table = try_table_open(settings->relid, AccessShareLock);
			if (table == NULL)
				continue;
			if (is_named(table, desc, name))
			{
				if (has_privs_of_role(user, table->rd_rel->relowner))
				{
					cv_base    *candidate = palloc(sizeof(cv_base));

					candidate->settings = RelationGetRelid(table);
					candidate->schema = RelationGetNamespace(table);
					candidate->owner = table->rd_rel->relowner;
					found = lappend(found, candidate);
				}
				else
					forbidden = true;
			}
			table_close(table, AccessShareLock);
		}
	}
	ReleaseTupleDesc(desc);
	if (list_length(found) > 1)
		report_ambiguous(name, found);
	if (found == NIL && forbidden)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of customer base \"%s\"", name),
				 errhint("Ask its owner; customer_value.customer_bases names them.")));
	if (found == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("customer base \"%s\" does not exist", name),
				 errdetail("No base of that name is visible to role \"%s\".",
						   GetUserNameFromId(user, false)),
				 errhint("customer_value.customer_bases lists the bases you may see.")));

	/* The world may have changed while we waited for the lock: look again. */
	base = *(cv_base *) linitial(found);
	table = try_table_open(base.settings, ShareUpdateExclusiveLock);
	if (table == NULL || table->rd_rel->relowner != base.owner ||
		RelationGetNamespace(table) != base.schema)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_IN_USE),
				 errmsg("customer base \"%s\" was changed by somebody else", name),
				 errhint("Try again.")));
	table_close(table, NoLock);
	return base;
}

static void
set_locally(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

/*
 * Become the owner of a base, with nothing of the caller's session to borrow:
 * views are made from text, in which strings and numbers must mean what they say.
 */
static cv_caller
become_owner(const cv_base *base)
{
	cv_caller	caller;

	GetUserIdAndSecContext(&caller.user, &caller.sec_context);
	SetUserIdAndSecContext(base->owner, caller.sec_context | SECURITY_RESTRICTED_OPERATION);
	caller.guc_level = NewGUCNestLevel();
	set_locally("search_path", "pg_catalog, pg_temp");
	set_locally("standard_conforming_strings", "on");
	set_locally("extra_float_digits", "1");
	return caller;
}

/* On errors the transaction's abort does the same. */
static void
become_caller(const cv_caller *caller)
{
	AtEOXact_GUC(false, caller->guc_level);
	SetUserIdAndSecContext(caller->user, caller->sec_context);
}

static char *
base_argument(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("name of a customer base must not be null"),
				 errhint("customer_value.customer_bases lists the bases you may see.")));
	return text_to_cstring(PG_GETARG_TEXT_PP(0));
}

/*
 * Run a command of customer_value as the owner of a base.  The command sees the
 * base's schema as $1, then the arguments; on return the result is in
 * SPI_tuptable and SPI is still connected.
 */
static void
run_command(const cv_base *base, const char *command, int nargs, Oid *types,
			Datum *values, const char *nulls)
{
	values[0] = CStringGetTextDatum(get_namespace_name(base->schema));
	types[0] = TEXTOID;
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute_with_args(command, nargs, types, values, nulls, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "unexpected result of %s", command);
}

/* Maintain the base named by the first argument; the command answers one text. */
static Datum
maintain(FunctionCallInfo fcinfo, const char *command, int nargs, Oid *types)
{
	cv_base		base = find_base(base_argument(fcinfo));
	cv_caller	caller = become_owner(&base);
	Datum		values[4];
	char		nulls[4] = {' ', ' ', ' ', ' '};
	char	   *answer;
	text	   *result;

	for (int i = 1; i < nargs; i++)
	{
		nulls[i] = PG_ARGISNULL(i) ? 'n' : ' ';
		values[i] = PG_GETARG_DATUM(i);
	}
	run_command(&base, command, nargs, types, values, nulls);
	answer = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
	if (answer == NULL)
		elog(ERROR, "no answer from %s", command);
	result = SPI_palloc(VARHDRSZ + strlen(answer));
	SET_VARSIZE(result, VARHDRSZ + strlen(answer));
	memcpy(VARDATA(result), answer, strlen(answer));
	SPI_finish();
	become_caller(&caller);
	PG_RETURN_TEXT_P(result);
}

/* customer_value.refresh(base): move the as-of day on; returns a sentence. */
Datum
cv_base_refresh(PG_FUNCTION_ARGS)
{
	Oid			types[1];

	return maintain(fcinfo, "SELECT customer_value._refresh($1)", 1, types);
}

/* customer_value.use_model(base, model_id): make a stored model current; returns a sentence. */
Datum
cv_base_use_model(PG_FUNCTION_ARGS)
{
	Oid			types[2] = {TEXTOID, INT4OID};

	return maintain(fcinfo, "SELECT customer_value._use_model($1, $2)", 2, types);
}

/* customer_value.forget_models(base, keep): delete what older fits stored; returns a sentence. */
Datum
cv_base_forget_models(PG_FUNCTION_ARGS)
{
	Oid			types[2] = {TEXTOID, INT4OID};

	return maintain(fcinfo, "SELECT customer_value._forget_models($1, $2)", 2, types);
}

/* customer_value._alter(base, changes jsonb, reset text[]): change settings; returns a sentence. */
Datum
cv_base_alter(PG_FUNCTION_ARGS)
{
	Oid			types[3] = {TEXTOID, JSONBOID, TEXTARRAYOID};

	return maintain(fcinfo, "SELECT customer_value._alter_base($1, $2, $3)", 3, types);
}

/* customer_value.rebuild_customer_base(base): make its views anew. */
Datum
cv_base_rebuild(PG_FUNCTION_ARGS)
{
	Oid			types[1];

	return maintain(fcinfo, "SELECT customer_value._rebuild_base($1)", 1, types);
}

/* customer_value.drop_customer_base(base): remove what create made. */
Datum
cv_base_drop(PG_FUNCTION_ARGS)
{
	Oid			types[1];

	return maintain(fcinfo, "SELECT customer_value._drop_base($1)", 1, types);
}

/* customer_value._create_scorecard(base, scorecard, arguments jsonb): make a scorecard; returns a sentence. */
Datum
cv_base_create_scorecard(PG_FUNCTION_ARGS)
{
	Oid			types[3] = {TEXTOID, TEXTOID, JSONBOID};

	return maintain(fcinfo, "SELECT customer_value._make_scorecard($1, $2, $3)", 3, types);
}

/* customer_value._alter_scorecard(base, scorecard, changes jsonb, reset text[]): change it; returns a sentence. */
Datum
cv_base_alter_scorecard(PG_FUNCTION_ARGS)
{
	Oid			types[4] = {TEXTOID, TEXTOID, JSONBOID, TEXTARRAYOID};

	return maintain(fcinfo, "SELECT customer_value._change_scorecard($1, $2, $3, $4)", 4, types);
}

/* customer_value.drop_scorecard(base, scorecard): remove it; returns a sentence. */
Datum
cv_base_drop_scorecard(PG_FUNCTION_ARGS)
{
	Oid			types[2] = {TEXTOID, TEXTOID};

	return maintain(fcinfo, "SELECT customer_value._remove_scorecard($1, $2)", 2, types);
}

/* customer_value.fit(base): refresh, fit and check the models; a row a model. */
Datum
cv_base_fit(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	cv_base		base = find_base(base_argument(fcinfo));
	Datum		values[1];
	Oid			types[1];
	cv_caller	caller;

	InitMaterializedSRF(fcinfo, 0);
	caller = become_owner(&base);
	run_command(&base, "SELECT * FROM customer_value._fit($1)", 1, types, values, NULL);
	for (uint64 i = 0; i < SPI_tuptable->numvals; i++)
		tuplestore_puttuple(rsinfo->setResult, SPI_tuptable->vals[i]);
	SPI_finish();
	become_caller(&caller);
	return (Datum) 0;
}
