/*
 * base_binding.c - from the names a customer base is bound by to what they mean,
 * and back: relation names, usable types, and the columns a view really reads.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_rewrite.h"
#include "common/shortest_dec.h"
#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/parsenodes.h"
#include "rewrite/rewriteSupport.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/typcache.h"
#include "utils/varlena.h"

#include "core/history.h"
#include "pg/compat.h"

CV_SQL_FUNCTION(cv_relation_name);
CV_SQL_FUNCTION(cv_named_relation);
CV_SQL_FUNCTION(cv_type_can_group);
CV_SQL_FUNCTION(cv_name_distance);
CV_SQL_FUNCTION(cv_real_to_numeric);
CV_SQL_FUNCTION(cv_double_to_numeric);
CV_SQL_FUNCTION(cv_view_binding);

/* A name such as orders, public.orders or "My Schema"."Orders"; NULL if it is none. */
static RangeVar *
parse_relation_name(text *name)
{
	char	   *raw = text_to_cstring(name);
	List	   *parts;
	List	   *strings = NIL;
	ListCell   *cell;

	if (!SplitIdentifierString(raw, '.', &parts) || list_length(parts) < 1 ||
		list_length(parts) > 2)
		return NULL;
	foreach(cell, parts)
		strings = lappend(strings, makeString(pstrdup(lfirst(cell))));
	return makeRangeVarFromNameList(strings);
}

static char *
search_path_in_words(void)
{
	StringInfoData words;
	ListCell   *cell;

	initStringInfo(&words);
	foreach(cell, fetch_search_path(false))
	{
		char	   *schema = get_namespace_name(lfirst_oid(cell));

		if (schema != NULL)
			appendStringInfo(&words, "%s%s", words.len > 0 ? ", " : "",
							 quote_identifier(schema));
	}
	return words.len > 0 ? words.data : "no schema";
}

static bool
is_bindable(char relkind)
{
	return relkind == RELKIND_RELATION || relkind == RELKIND_VIEW || relkind == RELKIND_MATVIEW ||
		relkind == RELKIND_PARTITIONED_TABLE || relkind == RELKIND_FOREIGN_TABLE;
}

/* Tables and views of the same name in the schemas that the user may use, as a list; NULL if there are none. */
static char *
namesakes_in_words(const char *relname)
{
	CatCList   *list = SearchSysCacheList1(RELNAMENSP, CStringGetDatum(relname));
	StringInfoData words;

	initStringInfo(&words);
	for (int i = 0; i < list->n_members; i++)
	{
		Form_pg_class found = (Form_pg_class) GETSTRUCT(&list->members[i]->tuple);
		char	   *schema = get_namespace_name(found->relnamespace);

		if (schema != NULL && is_bindable(found->relkind) && cv_may_use_schema(found->relnamespace, GetUserId()))
			appendStringInfo(&words, "%s%s", words.len > 0 ? ", " : "",
							 quote_qualified_identifier(schema, NameStr(found->relname)));
	}
	ReleaseSysCacheList(list);
	return words.len > 0 ? words.data : NULL;
}

/*
 * customer_value._relation_name(name): the relation that a name means on the
 * caller's search path, as schema.name, quoted where needed.  Refuses what
 * cannot hold sales or customers.
 */
Datum
cv_relation_name(PG_FUNCTION_ARGS)
{
	text	   *name = PG_GETARG_TEXT_PP(0);
	RangeVar   *range = parse_relation_name(name);
	Oid			relid;
	char		relkind;

	if (range == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("\"%s\" is not the name of a relation", text_to_cstring(name)),
				 errdetail("A customer base is bound by names, not by SQL text."),
				 errhint("Give name or schema.name; for a query, create a view and bind that.")));
	relid = RangeVarGetRelid(range, NoLock, true);
	if (!OidIsValid(relid))
	{
		char	   *namesakes = namesakes_in_words(range->relname);

		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation \"%s\" does not exist", text_to_cstring(name)),
				 range->schemaname == NULL
				 ? errdetail("It was looked for in %s.", search_path_in_words())
				 : errdetail("Schema \"%s\" has no such relation.", range->schemaname),
				 namesakes != NULL
				 ? errhint("There is %s: did you mean that?", namesakes)
				 : errhint("Give the name of a table or view as schema.name.")));
	}
	relkind = get_rel_relkind(relid);
	if (!is_bindable(relkind))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" cannot be bound to a customer base", text_to_cstring(name)),
				 errdetail("It is neither a table nor a view."),
				 errhint("Bind a table, partitioned table, foreign table, view or materialized view.")));
	if (get_rel_persistence(relid) == RELPERSISTENCE_TEMP)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" cannot be bound to a customer base", text_to_cstring(name)),
				 errdetail("It is temporary: no other session sees it, and it is gone after this one."),
				 errhint("Copy it into a permanent table and bind that.")));
	PG_RETURN_TEXT_P(cstring_to_text(quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)),
																get_rel_name(relid))));
}

/*
 * customer_value._named_relation(name): the relation that schema.name means now,
 * NULL if there is none.  Raises nothing and asks for no privilege: the name may
 * come from anybody's settings.
 */
Datum
cv_named_relation(PG_FUNCTION_ARGS)
{
	Oid			schema;
	Oid			relid;
	char	   *raw = text_to_cstring(PG_GETARG_TEXT_PP(0));
	List	   *parts;

	if (!SplitIdentifierString(raw, '.', &parts) || list_length(parts) != 2)
		PG_RETURN_NULL();
	schema = get_namespace_oid(linitial(parts), true);
	relid = OidIsValid(schema) ? get_relname_relid(lsecond(parts), schema) : InvalidOid;
	if (!OidIsValid(relid))
		PG_RETURN_NULL();
	PG_RETURN_OID(relid);
}

/* customer_value._type_can_group(type): can values be sorted, hashed and compared? */
Datum
cv_type_can_group(PG_FUNCTION_ARGS)
{
	TypeCacheEntry *type = lookup_type_cache(PG_GETARG_OID(0),
											 TYPECACHE_EQ_OPR | TYPECACHE_LT_OPR | TYPECACHE_HASH_PROC);

	PG_RETURN_BOOL(OidIsValid(type->eq_opr) && OidIsValid(type->lt_opr) &&
				   OidIsValid(type->hash_proc));
}

/* The edit distance of two names: of what is too long for one, its beginning counts. */
Datum
cv_name_distance(PG_FUNCTION_ARGS)
{
	text	   *a = PG_GETARG_TEXT_PP(0);
	text	   *b = PG_GETARG_TEXT_PP(1);
	int			a_length = pg_mbcliplen(VARDATA_ANY(a), VARSIZE_ANY_EXHDR(a), NAMEDATALEN - 1);
	int			b_length = pg_mbcliplen(VARDATA_ANY(b), VARSIZE_ANY_EXHDR(b), NAMEDATALEN - 1);

	PG_RETURN_INT32(varstr_levenshtein(VARDATA_ANY(a), a_length, VARDATA_ANY(b), b_length, 1, 1, 1, true));
}

/* The number a decimal text means, rounded to the decimals a sale may have. */
static Datum
sale_numeric(const char *digits)
{
	Datum		number = DirectFunctionCall3(numeric_in, CStringGetDatum(digits),
											 ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));

	if (numeric_is_nan(DatumGetNumeric(number)) || numeric_is_inf(DatumGetNumeric(number)))
		return number;
	return DirectFunctionCall1(numeric_trim_scale,
							   DirectFunctionCall2(numeric_round, number, Int32GetDatum(CV_MAX_SCALE)));
}

/*
 * customer_value._to_numeric(real | double precision): the shortest decimal that
 * identifies the float, to at most CV_MAX_SCALE decimals.  The server's own casts
 * keep 6 and 15 digits, which cuts the pennies off 12345.67::real.
 */
Datum
cv_real_to_numeric(PG_FUNCTION_ARGS)
{
	char		digits[FLOAT_SHORTEST_DECIMAL_LEN];

	float_to_shortest_decimal_buf(PG_GETARG_FLOAT4(0), digits);
	return sale_numeric(digits);
}

Datum
cv_double_to_numeric(PG_FUNCTION_ARGS)
{
	char		digits[DOUBLE_SHORTEST_DECIMAL_LEN];

	double_to_shortest_decimal_buf(PG_GETARG_FLOAT8(0), digits);
	return sale_numeric(digits);
}

/*
 * A view's query, as a list of one; NIL if it is no view.  From the catalog, and
 * not by opening it: a view may be locked by somebody who has nothing to do with
 * who asks.
 */
static List *
view_query(Oid viewid)
{
	HeapTuple	rule;
	Datum		action;
	bool		isnull;
	List	   *query = NIL;

	if (get_rel_relkind(viewid) != RELKIND_VIEW)
		return NIL;
	rule = SearchSysCache2(RULERELNAME, ObjectIdGetDatum(viewid),
						   CStringGetDatum(ViewSelectRuleName));
	if (!HeapTupleIsValid(rule))
		return NIL;
	action = SysCacheGetAttr(RULERELNAME, rule, Anum_pg_rewrite_ev_action, &isnull);
	if (!isnull)
		query = stringToNode(TextDatumGetCString(action));
	ReleaseSysCache(rule);
	return query;
}

/* The part of a view's query that reads the relation with this alias. */
typedef struct reader_search
{
	const char *alias;
	Query	   *reader;
	Oid			relation;
	int			varno;
	AttrNumber	column;			/* found by find_column */
} reader_search;

static bool
find_reader(Node *node, void *context)
{
	reader_search *search = context;

	if (node == NULL)
		return false;
	if (IsA(node, Query))
	{
		Query	   *query = (Query *) node;
		int			varno = 0;
		ListCell   *cell;

		foreach(cell, query->rtable)
		{
			RangeTblEntry *entry = lfirst(cell);

			varno++;
			if (entry->rtekind == RTE_RELATION && entry->alias != NULL &&
				strcmp(entry->alias->aliasname, search->alias) == 0)
			{
				search->reader = query;
				search->relation = entry->relid;
				search->varno = varno;
				return true;
			}
		}
		return query_tree_walker(query, find_reader, context, 0);
	}
	return expression_tree_walker(node, find_reader, context);
}

/* The first column of that relation in an expression of its reader. */
static bool
find_column(Node *node, void *context)
{
	reader_search *search = context;

	if (node == NULL)
		return false;
	if (IsA(node, Var))
	{
		Var		   *var = (Var *) node;

		if (var->varlevelsup != 0 || var->varno != search->varno || var->varattno <= 0)
			return false;
		search->column = var->varattno;
		return true;
	}
	return expression_tree_walker(node, find_column, context);
}

/*
 * customer_value._view_binding(view, alias): which column of which relation each
 * output of the subquery over that alias reads.  Taken from the view itself, so it
 * follows renames and survives dump and restore.  No row if the view reads no
 * relation under that alias.
 */
Datum
cv_view_binding(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	reader_search search = {.alias = text_to_cstring(PG_GETARG_TEXT_PP(1))};
	List	   *query = view_query(PG_GETARG_OID(0));
	ListCell   *cell;

	InitMaterializedSRF(fcinfo, 0);
	if (find_reader((Node *) query, &search))
	{
		foreach(cell, search.reader->targetList)
		{
			TargetEntry *entry = lfirst(cell);
			Datum		values[3];
			bool		nulls[3] = {false, false, false};

			if (!find_column((Node *) entry->expr, &search))
				continue;
			values[0] = CStringGetTextDatum(entry->resname);
			values[1] = ObjectIdGetDatum(search.relation);
			values[2] = Int16GetDatum(search.column);
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		}
	}
	return (Datum) 0;
}
