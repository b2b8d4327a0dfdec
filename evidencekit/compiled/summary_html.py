"""summary.html.jinja, compiled by Jinja. Written by scripts/compile_templates.py: edit the template."""

# mypy: ignore-errors
# Jinja 3.1.6

SHA256 = "9aad8273a4b9cd1dc902d7646579f5dcf703a3be5004979205c78c0fa5251de0"  # of the source
HTML = True  # whether every expression is escaped

from evidencekit.compiled.runtime import LoopContext, Macro, TemplateRuntimeError, Undefined, escape, internalcode, missing

name = 'summary.html.jinja'

def root(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    l_0_style_hash = resolve('style_hash')
    l_0_page = resolve('page')
    l_0_tones = l_0_fields = l_0_table = l_0_show = missing
    try:
        t_1 = environment.filters['bar']
    except KeyError:
        @internalcode
        def t_1(*unused):
            raise TemplateRuntimeError("No filter named 'bar' found.")
    try:
        t_2 = environment.filters['length']
    except KeyError:
        @internalcode
        def t_2(*unused):
            raise TemplateRuntimeError("No filter named 'length' found.")
    try:
        t_3 = environment.filters['qr']
    except KeyError:
        @internalcode
        def t_3(*unused):
            raise TemplateRuntimeError("No filter named 'qr' found.")
    try:
        t_4 = environment.filters['svg']
    except KeyError:
        @internalcode
        def t_4(*unused):
            raise TemplateRuntimeError("No filter named 'svg' found.")
    try:
        t_5 = environment.filters['times']
    except KeyError:
        @internalcode
        def t_5(*unused):
            raise TemplateRuntimeError("No filter named 'times' found.")
    pass
    l_0_tones = {'pass': 'good', 'found': 'good', 'fail': 'bad', 'missing': 'bad', 'undecided': 'unsure'}
    context.vars['tones'] = l_0_tones
    context.exported_vars.add('tones')
    def macro(l_1_block):
        t_6 = []
        if l_1_block is missing:
            l_1_block = undefined("parameter 'block' was not provided", name='block')
        pass
        t_6.append(
            '<dl class="fields">\n',
        )
        for l_2_row in environment.getattr(l_1_block, 'rows'):
            _loop_vars = {}
            pass
            t_6.extend((
                '<div><dt>',
                escape(environment.getattr(l_2_row, 'label')),
                '</dt><dd',
            ))
            if environment.getattr(l_2_row, 'code'):
                pass
                t_6.append(
                    ' class="code"',
                )
            t_6.extend((
                '><bdi>',
                escape(t_5(environment.getattr(l_2_row, 'value'))),
                '</bdi></dd></div>\n',
            ))
        l_2_row = missing
        t_6.append(
            '</dl>\n',
        )
        return concat(t_6)
    context.exported_vars.add('fields')
    context.vars['fields'] = l_0_fields = Macro(environment, macro, 'fields', ('block',), False, False, False, context.eval_ctx.autoescape)
    def macro(l_1_block):
        t_7 = []
        if l_1_block is missing:
            l_1_block = undefined("parameter 'block' was not provided", name='block')
        pass
        if (not environment.getattr(l_1_block, 'folded')):
            pass
            t_7.extend((
                '<h3>',
                escape(environment.getattr(l_1_block, 'caption')),
                '</h3>\n',
            ))
        t_7.extend((
            '<div class="scroll" role="region" tabindex="0" aria-label="',
            escape(environment.getattr(l_1_block, 'caption')),
            '">\n<table aria-label="',
            escape(environment.getattr(l_1_block, 'caption')),
            '">\n<thead>\n<tr>\n',
        ))
        for l_2_column in environment.getattr(l_1_block, 'columns'):
            _loop_vars = {}
            pass
            t_7.append(
                '<th scope="col"',
            )
            if (environment.getattr(l_2_column, 'kind') == 'number'):
                pass
                t_7.append(
                    ' class="number"',
                )
            t_7.extend((
                '>',
                escape(environment.getattr(l_2_column, 'title')),
                '</th>\n',
            ))
        l_2_column = missing
        if environment.getattr(l_1_block, 'bars'):
            pass
            t_7.append(
                '<td class="drawn"></td>\n',
            )
        t_7.append(
            '</tr>\n</thead>\n<tbody>\n',
        )
        l_2_loop = missing
        t_8 = 1
        for l_2_row, l_2_loop in LoopContext(environment.getattr(l_1_block, 'rows'), undefined):
            l_2_place = missing
            _loop_vars = {}
            pass
            l_2_place = environment.getattr(l_2_loop, 'index0')
            _loop_vars['place'] = l_2_place
            t_7.append(
                '<tr>\n',
            )
            l_3_loop = missing
            for l_3_text, l_3_loop in LoopContext(l_2_row, undefined):
                l_3_kind = missing
                _loop_vars = {}
                pass
                l_3_kind = environment.getattr(environment.getitem(environment.getattr(l_1_block, 'columns'), environment.getattr(l_3_loop, 'index0')), 'kind')
                _loop_vars['kind'] = l_3_kind
                if ((undefined(name='kind') if l_3_kind is missing else l_3_kind) == 'outcome'):
                    pass
                    t_7.extend((
                        '<td class="outcome"><span class="',
                        escape(context.call(environment.getattr((undefined(name='tones') if l_0_tones is missing else l_0_tones), 'get'), l_3_text, 'plain', _loop_vars=_loop_vars)),
                        '">',
                        escape(l_3_text),
                        '</span></td>\n',
                    ))
                elif ((undefined(name='kind') if l_3_kind is missing else l_3_kind) == 'number'):
                    pass
                    t_7.extend((
                        '<td class="number">',
                        escape(l_3_text),
                        '</td>\n',
                    ))
                elif ((undefined(name='kind') if l_3_kind is missing else l_3_kind) == 'text'):
                    pass
                    t_7.extend((
                        '<td class="text"><bdi>',
                        escape(t_5(l_3_text)),
                        '</bdi></td>\n',
                    ))
                else:
                    pass
                    t_7.extend((
                        '<td class="',
                        escape((undefined(name='kind') if l_3_kind is missing else l_3_kind)),
                        '"><bdi>',
                        escape(l_3_text),
                        '</bdi></td>\n',
                    ))
            l_3_loop = l_3_text = l_3_kind = missing
            if environment.getattr(l_1_block, 'bars'):
                pass
                t_7.extend((
                    '<td class="drawn">',
                    escape(t_1(environment.getitem(environment.getattr(l_1_block, 'bars'), (undefined(name='place') if l_2_place is missing else l_2_place)))),
                    '</td>\n',
                ))
            t_7.append(
                '</tr>\n',
            )
            t_8 = 0
        l_2_loop = l_2_row = l_2_place = missing
        if t_8:
            pass
            t_7.extend((
                '<tr><td colspan="',
                escape(t_2(environment.getattr(l_1_block, 'columns'))),
                '" class="none">none</td></tr>\n',
            ))
        t_7.append(
            '</tbody>\n</table>\n</div>\n',
        )
        if environment.getattr(l_1_block, 'note'):
            pass
            t_7.extend((
                '<p class="note">',
                escape(environment.getattr(l_1_block, 'note')),
                '</p>\n',
            ))
        return concat(t_7)
    context.exported_vars.add('table')
    context.vars['table'] = l_0_table = Macro(environment, macro, 'table', ('block',), False, False, False, context.eval_ctx.autoescape)
    def macro(l_1_block):
        t_9 = []
        if l_1_block is missing:
            l_1_block = undefined("parameter 'block' was not provided", name='block')
        pass
        if (environment.getattr(l_1_block, 'kind') == 'fields'):
            pass
            t_9.extend((
                escape(context.call((undefined(name='fields') if l_0_fields is missing else l_0_fields), l_1_block)),
                '\n',
            ))
        elif (environment.getattr(l_1_block, 'kind') == 'prose'):
            pass
            for l_2_text in environment.getattr(l_1_block, 'paragraphs'):
                _loop_vars = {}
                pass
                t_9.extend((
                    '<p>',
                    escape(t_5(l_2_text)),
                    '</p>\n',
                ))
            l_2_text = missing
        elif (environment.getattr(l_1_block, 'kind') == 'items'):
            pass
            t_9.extend((
                '<h3>',
                escape(environment.getattr(l_1_block, 'title')),
                '</h3>\n<ul>\n',
            ))
            for l_2_text in environment.getattr(l_1_block, 'items'):
                _loop_vars = {}
                pass
                t_9.extend((
                    '<li>',
                    escape(t_5(l_2_text)),
                    '</li>\n',
                ))
            l_2_text = missing
            t_9.append(
                '</ul>\n',
            )
        elif (environment.getattr(l_1_block, 'kind') == 'drawing'):
            pass
            t_9.extend((
                '<figure>\n<figcaption>',
                escape(environment.getattr(environment.getattr(l_1_block, 'chart'), 'title')),
                '</figcaption>\n',
                escape(t_4(environment.getattr(l_1_block, 'chart'), 'wide', 960, 300)),
                '\n',
                escape(t_4(environment.getattr(l_1_block, 'chart'), 'narrow', 350, 300)),
                '\n</figure>\n',
            ))
        elif (environment.getattr(l_1_block, 'kind') == 'digest'):
            pass
            t_9.extend((
                '<div class="digest">\n',
                escape(t_3(l_1_block)),
                '\n',
                escape(context.call((undefined(name='fields') if l_0_fields is missing else l_0_fields), l_1_block)),
                '\n</div>\n',
            ))
        elif environment.getattr(l_1_block, 'folded'):
            pass
            t_9.extend((
                '<details>\n<summary>',
                escape(environment.getattr(l_1_block, 'caption')),
                '</summary>\n',
                escape(context.call((undefined(name='table') if l_0_table is missing else l_0_table), l_1_block)),
                '\n</details>\n',
            ))
        else:
            pass
            t_9.extend((
                escape(context.call((undefined(name='table') if l_0_table is missing else l_0_table), l_1_block)),
                '\n',
            ))
        return concat(t_9)
    context.exported_vars.add('show')
    context.vars['show'] = l_0_show = Macro(environment, macro, 'show', ('block',), False, False, False, context.eval_ctx.autoescape)
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \''
    yield escape((undefined(name='style_hash') if l_0_style_hash is missing else l_0_style_hash))
    yield '\'; base-uri \'none\'; form-action \'none\'">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n<meta name="robots" content="noindex">\n<title>'
    yield escape(environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'title'))
    yield ', '
    yield escape(environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'subtitle'))
    yield '</title>\n<style>'
    template = environment.get_template('summary.css', 'summary.html.jinja')
    gen = template.root_render_func(template.new_context(context.get_all(), True, {'fields': l_0_fields, 'show': l_0_show, 'table': l_0_table, 'tones': l_0_tones}))
    try:
        for event in gen:
            yield event
    finally: gen.close()
    yield '</style>\n</head>\n<body>\n<header>\n<p class="kicker">Evidence summary</p>\n<h1><bdi>'
    yield escape(environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'title'))
    yield '</bdi></h1>\n<p class="subtitle">'
    yield escape(t_5(environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'subtitle')))
    yield '</p>\n<p class="bundle"><bdi>'
    yield escape(environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'bundle'))
    yield '</bdi></p>\n'
    if environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'status'):
        pass
        yield '<div class="banner" role="note">\n'
        for l_1_line in environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'status'):
            _loop_vars = {}
            pass
            yield '<p>'
            yield escape(t_5(l_1_line))
            yield '</p>\n'
        l_1_line = missing
        yield '</div>\n'
    if environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'notice'):
        pass
        yield '<p class="notice">'
        yield escape(environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'notice'))
        yield '</p>\n'
    yield '</header>\n<main>\n<section aria-labelledby="scope">\n<h2 id="scope">What was asked</h2>\n'
    yield escape(context.call((undefined(name='fields') if l_0_fields is missing else l_0_fields), environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'scope')))
    yield '\n<dl class="figures">\n'
    for l_1_figure in environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'figures'):
        _loop_vars = {}
        pass
        yield '<div><dt>'
        yield escape(environment.getattr(l_1_figure, 'label'))
        yield '</dt><dd>'
        yield escape(environment.getattr(l_1_figure, 'value'))
        yield '</dd></div>\n'
    l_1_figure = missing
    yield '</dl>\n</section>\n'
    for l_1_section in environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'sections'):
        _loop_vars = {}
        pass
        yield '<section aria-labelledby="'
        yield escape(environment.getattr(l_1_section, 'anchor'))
        yield '">\n<h2 id="'
        yield escape(environment.getattr(l_1_section, 'anchor'))
        yield '">'
        yield escape(environment.getattr(l_1_section, 'title'))
        yield '</h2>\n<div class="parts'
        if (environment.getattr(l_1_section, 'columns') == 2):
            pass
            yield ' pair'
        yield '">\n'
        for l_2_block in environment.getattr(l_1_section, 'blocks'):
            _loop_vars = {}
            pass
            yield '<div class="part">\n'
            yield escape(context.call((undefined(name='show') if l_0_show is missing else l_0_show), l_2_block, _loop_vars=_loop_vars))
            yield '</div>\n'
        l_2_block = missing
        yield '</div>\n</section>\n'
    l_1_section = missing
    yield '</main>\n<footer>\n<p>'
    yield escape(environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'footer'))
    yield '</p>\n</footer>\n</body>\n</html>\n'

blocks = {}
debug_info = '1=44&2=47&4=55&5=60&9=80&10=85&11=89&13=94&14=96&17=99&18=105&20=116&26=126&27=130&29=136&30=140&31=142&32=146&33=151&34=155&35=158&36=162&38=169&41=175&42=179&46=191&51=197&52=201&55=207&56=212&57=215&58=218&59=220&60=225&62=229&63=233&65=236&66=241&69=248&71=252&72=254&73=256&75=259&77=263&78=265&80=268&82=272&83=274&86=280&93=287&98=289&99=293&104=300&105=302&106=304&107=306&109=309&110=313&114=317&115=320&121=323&123=325&124=329&128=335&129=339&130=341&131=345&132=349&134=353&141=359'
