"""summary.txt.jinja, compiled by Jinja. Written by scripts/compile_templates.py: edit the template."""

# mypy: ignore-errors
# Jinja 3.1.6

SHA256 = "221b4ed70476046a67a5c2be9811761c042fc9e651d9941ce5849d015dfdbf5c"  # of the source
FORMAT = 5  # of Jinja's compiled templates
HTML = False  # whether every expression is escaped

from jinja2.runtime import LoopContext, Macro, Markup, Namespace, TemplateNotFound, TemplateReference, TemplateRuntimeError, Undefined, escape, identity, internalcode, markup_join, missing, str_join
name = 'summary.txt.jinja'

def root(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    l_0_page = resolve('page')
    l_0_table = missing
    try:
        t_1 = environment.filters['ascii_chart']
    except KeyError:
        @internalcode
        def t_1(*unused):
            raise TemplateRuntimeError("No filter named 'ascii_chart' found.")
    try:
        t_2 = environment.filters['fields']
    except KeyError:
        @internalcode
        def t_2(*unused):
            raise TemplateRuntimeError("No filter named 'fields' found.")
    try:
        t_3 = environment.filters['figure']
    except KeyError:
        @internalcode
        def t_3(*unused):
            raise TemplateRuntimeError("No filter named 'figure' found.")
    try:
        t_4 = environment.filters['paragraph']
    except KeyError:
        @internalcode
        def t_4(*unused):
            raise TemplateRuntimeError("No filter named 'paragraph' found.")
    try:
        t_5 = environment.filters['table']
    except KeyError:
        @internalcode
        def t_5(*unused):
            raise TemplateRuntimeError("No filter named 'table' found.")
    try:
        t_6 = environment.filters['title']
    except KeyError:
        @internalcode
        def t_6(*unused):
            raise TemplateRuntimeError("No filter named 'title' found.")
    pass
    def macro(l_1_block):
        t_7 = []
        if l_1_block is missing:
            l_1_block = undefined("parameter 'block' was not provided", name='block')
        pass
        t_7.extend((
            str(t_4(environment.getattr(l_1_block, 'caption'))),
            '\n\n',
        ))
        if environment.getattr(l_1_block, 'rows'):
            pass
            t_7.extend((
                str(t_5(l_1_block)),
                '\n',
            ))
        else:
            pass
            t_7.append(
                'none\n',
            )
        if environment.getattr(l_1_block, 'note'):
            pass
            t_7.extend((
                '\n',
                str(t_4(environment.getattr(l_1_block, 'note'))),
                '\n',
            ))
        return concat(t_7)
    context.exported_vars.add('table')
    context.vars['table'] = l_0_table = Macro(environment, macro, 'table', ('block',), False, False, False, context.eval_ctx.autoescape)
    yield 'EVIDENCE SUMMARY\n\n'
    yield str(t_4(environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'title')))
    yield '\n'
    yield str(t_4(environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'subtitle')))
    yield '\n'
    yield str(t_4(environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'bundle')))
    yield '\n'
    for l_1_line in environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'status'):
        _loop_vars = {}
        pass
        yield '\n'
        yield str(t_4(l_1_line, '* '))
        yield '\n'
    l_1_line = missing
    if environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'notice'):
        pass
        yield '\n'
        yield str(t_4(environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'notice'), '* '))
        yield '\n'
    yield '\nWHAT WAS ASKED\n\n'
    yield str(t_2(environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'scope')))
    yield '\n\n'
    for l_1_figure in environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'figures'):
        _loop_vars = {}
        pass
        yield str(t_3(l_1_figure))
        yield '\n'
    l_1_figure = missing
    for l_1_section in environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'sections'):
        _loop_vars = {}
        pass
        yield '\n'
        yield str(t_6(environment.getattr(l_1_section, 'title')))
        yield '\n'
        def t_8(fiter):
            for l_2_block in fiter:
                if (not environment.getattr(l_2_block, 'folded')):
                    yield l_2_block
        for l_2_block in t_8(environment.getattr(l_1_section, 'blocks')):
            _loop_vars = {}
            pass
            yield '\n'
            if (environment.getattr(l_2_block, 'kind') == 'fields'):
                pass
                yield str(t_2(l_2_block))
                yield '\n'
            elif (environment.getattr(l_2_block, 'kind') == 'prose'):
                pass
                for l_3_text in environment.getattr(l_2_block, 'paragraphs'):
                    _loop_vars = {}
                    pass
                    yield str(t_4(l_3_text))
                    yield '\n'
                l_3_text = missing
            elif (environment.getattr(l_2_block, 'kind') == 'items'):
                pass
                yield str(t_4(environment.getattr(l_2_block, 'title')))
                yield '\n'
                for l_3_text in environment.getattr(l_2_block, 'items'):
                    _loop_vars = {}
                    pass
                    yield str(t_4(l_3_text, '- '))
                    yield '\n'
                l_3_text = missing
            elif (environment.getattr(l_2_block, 'kind') == 'drawing'):
                pass
                yield str(t_4(environment.getattr(environment.getattr(l_2_block, 'chart'), 'title')))
                yield '\n\n'
                yield str(t_1(environment.getattr(l_2_block, 'chart')))
                yield '\n'
            else:
                pass
                yield str(context.call((undefined(name='table') if l_0_table is missing else l_0_table), l_2_block, _loop_vars=_loop_vars))
        l_2_block = missing
    l_1_section = missing
    yield '\n'
    for l_1_section in environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'sections'):
        _loop_vars = {}
        pass
        def t_9(fiter):
            for l_2_block in fiter:
                if environment.getattr(l_2_block, 'folded'):
                    yield l_2_block
        for l_2_block in t_9(environment.getattr(l_1_section, 'blocks')):
            _loop_vars = {}
            pass
            yield str(t_6(environment.getattr(l_2_block, 'caption')))
            yield '\n\n'
            yield str(t_5(l_2_block))
            yield '\n\n'
        l_2_block = missing
    l_1_section = missing
    yield str(t_4(environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'footer')))
    yield '\n'

blocks = {}
debug_info = '1=49&2=55&4=58&5=61&9=69&11=73&16=80&17=82&18=84&19=86&21=90&23=93&25=96&30=99&32=101&33=104&35=107&37=111&38=113&40=121&41=123&42=125&43=127&44=130&46=133&47=135&48=137&49=140&51=143&52=145&54=147&56=151&61=155&62=158&63=165&65=167&69=171'
