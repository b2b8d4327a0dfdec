k(pÀU=¸&IgzQ Eöm7Ñe µ3'iBwZÒ¨}»c}xsq±Ò9—ÒzEŽÆã´•c
8