"""summary.md.jinja, compiled by Jinja. Written by scripts/compile_templates.py: edit the template."""

# mypy: ignore-errors
# Jinja 3.1.6

SHA256 = "44e7110438c33b322622e047b170e0f00156d2ed7fc3cba906477db0d9af86fe"  # of the source
FORMAT = 5  # of Jinja's compiled templates
HTML = False  # whether every expression is escaped

from jinja2.runtime import LoopContext, Macro, Markup, Namespace, TemplateNotFound, TemplateReference, TemplateRuntimeError, Undefined, escape, identity, internalcode, markup_join, missing, str_join
name = 'summary.md.jinja'

def root(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    l_0_page = resolve('page')
    l_0_table = l_0_fields = missing
    try:
        t_1 = environment.filters['ascii_chart']
    except KeyError:
        @internalcode
        def t_1(*unused):
            raise TemplateRuntimeError("No filter named 'ascii_chart' found.")
    try:
        t_2 = environment.filters['cell']
    except KeyError:
        @internalcode
        def t_2(*unused):
            raise TemplateRuntimeError("No filter named 'cell' found.")
    try:
        t_3 = environment.filters['cell_code']
    except KeyError:
        @internalcode
        def t_3(*unused):
            raise TemplateRuntimeError("No filter named 'cell_code' found.")
    try:
        t_4 = environment.filters['code']
    except KeyError:
        @internalcode
        def t_4(*unused):
            raise TemplateRuntimeError("No filter named 'code' found.")
    try:
        t_5 = environment.filters['literal']
    except KeyError:
        @internalcode
        def t_5(*unused):
            raise TemplateRuntimeError("No filter named 'literal' found.")
    pass
    def macro(l_1_block):
        t_6 = []
        if l_1_block is missing:
            l_1_block = undefined("parameter 'block' was not provided", name='block')
        pass
        t_6.extend((
            '**',
            str(t_5(environment.getattr(l_1_block, 'caption'))),
            '**\n\n|',
        ))
        for l_2_column in environment.getattr(l_1_block, 'columns'):
            _loop_vars = {}
            pass
            t_6.extend((
                ' ',
                str(t_2(environment.getattr(l_2_column, 'title'))),
                ' |',
            ))
        l_2_column = missing
        t_6.append(
            '\n|',
        )
        for l_2_column in environment.getattr(l_1_block, 'columns'):
            _loop_vars = {}
            pass
            if (environment.getattr(l_2_column, 'kind') == 'number'):
                pass
                t_6.append(
                    ' ---: |',
                )
            else:
                pass
                t_6.append(
                    ' --- |',
                )
        l_2_column = missing
        t_6.append(
            '\n',
        )
        l_2_loop = missing
        t_7 = 1
        for l_2_row, l_2_loop in LoopContext(environment.getattr(l_1_block, 'rows'), undefined):
            _loop_vars = {}
            pass
            t_6.append(
                '|',
            )
            l_3_loop = missing
            for l_3_text, l_3_loop in LoopContext(l_2_row, undefined):
                _loop_vars = {}
                pass
                if (environment.getattr(environment.getitem(environment.getattr(l_1_block, 'columns'), environment.getattr(l_3_loop, 'index0')), 'kind') == 'code'):
                    pass
                    t_6.extend((
                        ' ',
                        str(t_3(l_3_text)),
                        ' |',
                    ))
                else:
                    pass
                    t_6.extend((
                        ' ',
                        str(t_2(l_3_text)),
                        ' |',
                    ))
            l_3_loop = l_3_text = missing
            t_6.append(
                '\n',
            )
            t_7 = 0
        l_2_loop = l_2_row = missing
        if t_7:
            pass
            t_6.append(
                '| none |',
            )
            for l_3_column in environment.getattr(l_1_block, 'columns')[1:]:
                _loop_vars = {}
                pass
                t_6.append(
                    ' |',
                )
            l_3_column = missing
            t_6.append(
                '\n',
            )
        if environment.getattr(l_1_block, 'note'):
            pass
            t_6.extend((
                '\n',
                str(t_5(environment.getattr(l_1_block, 'note'))),
                '\n',
            ))
        return concat(t_6)
    context.exported_vars.add('table')
    context.vars['table'] = l_0_table = Macro(environment, macro, 'table', ('block',), False, False, False, context.eval_ctx.autoescape)
    def macro(l_1_block):
        t_8 = []
        if l_1_block is missing:
            l_1_block = undefined("parameter 'block' was not provided", name='block')
        pass
        for l_2_row in environment.getattr(l_1_block, 'rows'):
            _loop_vars = {}
            pass
            t_8.extend((
                '- ',
                str(t_5(environment.getattr(l_2_row, 'label'))),
                ': ',
            ))
            if environment.getattr(l_2_row, 'code'):
                pass
                t_8.append(
                    str(t_4(environment.getattr(l_2_row, 'value'))),
                )
            else:
                pass
                t_8.append(
                    str(t_5(environment.getattr(l_2_row, 'value'))),
                )
            t_8.append(
                '\n',
            )
        l_2_row = missing
        return concat(t_8)
    context.exported_vars.add('fields')
    context.vars['fields'] = l_0_fields = Macro(environment, macro, 'fields', ('block',), False, False, False, context.eval_ctx.autoescape)
    yield '# '
    yield str(t_5(environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'title')))
    yield '\n\n'
    yield str(t_5(environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'subtitle')))
    yield '\n\nBundle '
    yield str(t_4(environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'bundle')))
    yield '\n'
    for l_1_line in environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'status'):
        _loop_vars = {}
        pass
        yield '\n> '
        yield str(t_5(l_1_line))
        yield '\n'
    l_1_line = missing
    if environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'notice'):
        pass
        yield '\n> '
        yield str(t_5(environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'notice')))
        yield '\n'
    yield '\n## What was asked\n\n'
    yield str(context.call((undefined(name='fields') if l_0_fields is missing else l_0_fields), environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'scope')))
    yield '\n'
    for l_1_figure in environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'figures'):
        _loop_vars = {}
        pass
        yield '- '
        yield str(t_5(environment.getattr(l_1_figure, 'label')))
        yield ': **'
        yield str(t_5(environment.getattr(l_1_figure, 'value')))
        yield '**\n'
    l_1_figure = missing
    l_1_loop = missing
    for l_1_section, l_1_loop in LoopContext(environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'sections'), undefined):
        _loop_vars = {}
        pass
        yield '\n## '
        yield str(t_5(environment.getattr(l_1_section, 'title')))
        yield '\n'
        l_2_loop = missing
        for l_2_block, l_2_loop in LoopContext(environment.getattr(l_1_section, 'blocks'), undefined):
            _loop_vars = {}
            pass
            yield '\n'
            if (environment.getattr(l_2_block, 'kind') == 'fields'):
                pass
                yield str(context.call((undefined(name='fields') if l_0_fields is missing else l_0_fields), l_2_block, _loop_vars=_loop_vars))
            elif (environment.getattr(l_2_block, 'kind') == 'prose'):
                pass
                l_3_loop = missing
                for l_3_text, l_3_loop in LoopContext(environment.getattr(l_2_block, 'paragraphs'), undefined):
                    _loop_vars = {}
                    pass
                    yield str(t_5(l_3_text))
                    yield '\n'
                    if (not environment.getattr(l_3_loop, 'last')):
                        pass
                        yield '\n'
                l_3_loop = l_3_text = missing
            elif (environment.getattr(l_2_block, 'kind') == 'items'):
                pass
                yield '**'
                yield str(t_5(environment.getattr(l_2_block, 'title')))
                yield '**\n\n'
                for l_3_text in environment.getattr(l_2_block, 'items'):
                    _loop_vars = {}
                    pass
                    yield '- '
                    yield str(t_5(l_3_text))
                    yield '\n'
                l_3_text = missing
            elif (environment.getattr(l_2_block, 'kind') == 'drawing'):
                pass
                yield '**'
                yield str(t_5(environment.getattr(environment.getattr(l_2_block, 'chart'), 'title')))
                yield '**\n\n```text\n'
                yield str(t_1(environment.getattr(l_2_block, 'chart')))
                yield '\n```\n'
            else:
                pass
                yield str(context.call((undefined(name='table') if l_0_table is missing else l_0_table), l_2_block, _loop_vars=_loop_vars))
        l_2_loop = l_2_block = missing
    l_1_loop = l_1_section = missing
    yield '\n---\n\n'
    yield str(t_5(environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'footer')))
    yield '\n'

blocks = {}
debug_info = '1=43&2=50&4=53&5=65&6=84&7=91&9=119&11=129&13=133&16=139&17=144&18=149&21=170&23=172&25=174&26=176&28=180&30=183&32=186&37=189&38=191&39=195&41=201&43=205&44=208&46=212&47=214&48=215&49=218&50=221&51=223&55=227&56=230&58=232&59=236&61=239&62=242&65=244&68=248&75=252'
